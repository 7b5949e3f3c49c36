#include "compress/coded_weights.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/quantize.h"
#include "compress/sparsify.h"
#include "core/error.h"
#include "graph/cost.h"

namespace edgeproof::compress {
namespace {

using Levels = std::vector<std::int8_t>;
using Bytes = std::vector<std::uint8_t>;

// Normally distributed, the share `sparsity` of them set to zero.
Levels normal_levels(std::uint32_t count, int largest, double sparsity, std::uint64_t seed = 1) {
  const CounterRng rng(seed, "levels");
  Levels levels;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double level = rng.uniform(i, 1) < sparsity ? 0 : largest / 3.0 * rng.normal(i, 0);
    levels.push_back(static_cast<std::int8_t>(std::clamp<double>(level, -largest, largest)));
  }
  return levels;
}

double entropy_bytes(const Levels& levels) {
  std::map<int, double> counts;
  for (const int level : levels) ++counts[level];
  double bits = 0;
  for (const auto& [level, count] : counts) {
    bits -= count * std::log2(count / static_cast<double>(levels.size()));
  }
  return bits / 8;
}

// The form of the bytes, of levels that come back as they were.
int form_of(const Levels& levels) {
  const Bytes bytes = encode_levels(levels);
  EXPECT_EQ(decode_levels(bytes, levels.size()), levels);
  return bytes.front();
}

bool is_bad_input(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code() == ErrorCode::bad_input;
  }
  return false;
}

RC_GTEST_PROP(CodedWeights, ComeBack, ()) {
  const auto sparsity = *rc::gen::element(0.0, 0.5, 0.9, 0.99);
  const auto largest = *rc::gen::element(1, 7, 127);
  const auto levels = normal_levels(*rc::gen::inRange(0, 3000), largest, sparsity,
                                    *rc::gen::arbitrary<std::uint32_t>());
  RC_ASSERT(decode_levels(encode_levels(levels), levels.size()) == levels);
}

RC_GTEST_PROP(CodedWeights, AnyBytesComeBack, (const Levels& levels)) {
  RC_ASSERT(decode_levels(encode_levels(levels), levels.size()) == levels);
}

TEST(CodedWeights, TakeTheFormThatIsSmallest) {
  EXPECT_EQ(form_of(normal_levels(5000, 127, 0)), 0);
  EXPECT_EQ(form_of(normal_levels(5000, 127, 0.9)), 1);
  EXPECT_EQ(form_of(normal_levels(5000, 7, 0)), 0);
  EXPECT_EQ(form_of(normal_levels(50, 127, 0)), 8);
  EXPECT_EQ(form_of({7, -6, 5, -4, 3, -2, 1, -7}), 4);
  EXPECT_EQ(form_of({1, 0, -1, 1}), 2);
  EXPECT_EQ(form_of({}), 2);
  EXPECT_EQ(form_of(Levels(5000, 0)), 1);
  EXPECT_EQ(encode_levels({}).size(), 1U);
}

TEST(CodedWeights, OfEqualChanceTakeAByteMoreThanUncoded) {
  Levels levels;
  for (int i = 0; i < 1024; ++i) levels.push_back(static_cast<std::int8_t>(i));
  EXPECT_EQ(encode_levels(levels).size(), 1025U);
}

// Huffman's codes are within a bit a symbol of the entropy, in practice within a few percent; the
// tables come on top.
TEST(CodedWeights, DenseOnesTakeLittleMoreThanTheirEntropy) {
  const Levels levels = normal_levels(20000, 127, 0);
  const auto size = static_cast<double>(encode_levels(levels).size());
  EXPECT_GT(size, entropy_bytes(levels));
  EXPECT_LT(size, 1.02 * entropy_bytes(levels) + 140);
}

TEST(CodedWeights, SparseOnesTakeLittleMoreThanTheirEntropy) {
  for (const double sparsity : {0.9, 0.97}) {
    const Levels levels = normal_levels(20000, 127, sparsity);
    const auto size = static_cast<double>(encode_levels(levels).size());
    EXPECT_GT(size, entropy_bytes(levels));
    EXPECT_LT(size, 1.1 * entropy_bytes(levels) + 160);
  }
}

TEST(CodedWeights, GapsOfAnyLengthComeBack) {
  for (int gap = 0; gap < 100; ++gap) {
    Levels levels(2000, 0);
    for (std::size_t i = 0; i < levels.size(); i += 1 + gap) levels[i] = 5;
    levels.resize(levels.size() - gap % 7);
    const int form = form_of(levels);
    if (gap >= 4) {
      EXPECT_EQ(form, 1);
    }
  }
}

TEST(CodedWeights, TruncatedOrLengthenedBytesAreAnError) {
  for (const double sparsity : {0.0, 0.95}) {
    for (const int largest : {7, 127}) {
      const Levels levels = normal_levels(600, largest, sparsity);
      const Bytes bytes = encode_levels(levels);
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_TRUE(is_bad_input([&] {
          decode_levels(std::span(bytes).first(size), levels.size());
        })) << size;
      }
      Bytes longer = bytes;
      longer.push_back(0);
      EXPECT_TRUE(is_bad_input([&] { decode_levels(longer, levels.size()); }));
      EXPECT_TRUE(is_bad_input([&] { decode_levels(bytes, levels.size() + 8); }));
      EXPECT_TRUE(is_bad_input([&] { decode_levels(bytes, levels.size() - 40); }));
    }
  }
}

// Whatever the bytes: an error, or as many levels as were asked for.
RC_GTEST_PROP(CodedWeights, HostileBytesDoNoHarm, (Bytes bytes)) {
  if (!bytes.empty()) bytes[0] %= 10;
  const std::size_t count = *rc::gen::inRange(0, 200);
  try {
    RC_ASSERT(decode_levels(bytes, count).size() == count);
  } catch (const Error& error) {
    RC_ASSERT(error.code() == ErrorCode::bad_input);
  }
}

RC_GTEST_PROP(CodedWeights, DamagedBytesDoNoHarm, ()) {
  const Levels levels = normal_levels(400, 127, *rc::gen::element(0.0, 0.9));
  Bytes bytes = encode_levels(levels);
  const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * bytes.size());
  bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  try {
    RC_ASSERT(decode_levels(bytes, levels.size()).size() == levels.size());
  } catch (const Error& error) {
    RC_ASSERT(error.code() == ErrorCode::bad_input);
  }
}

TEST(CodedWeights, OfAGraphAreThoseOfItsLayersWithBiasesAndScales) {
  const auto fp32 = graph::with_random_parameters(graph::ds_cnn({{128, 9}, 6}), 1);
  EXPECT_EQ(coded_weight_bytes(fp32), graph::weight_bytes(fp32));
  const auto windows = random_windows(4, {128, 9}, 1);
  std::int64_t before = graph::weight_bytes(fp32);
  for (const int bits : {8, 4, 2}) {
    const auto int8 = quantize(calibrate(fp32, windows, {}), {.weight_bits = bits});
    std::int64_t sum = 0;
    for (const graph::Node& node : int8.nodes) {
      const auto* weights = graph::weights_of(node.op);
      if (weights == nullptr) continue;
      const auto& q = std::get<graph::Int8Weights>(*weights);
      sum += static_cast<std::int64_t>(encode_levels(q.values).size() + 8 * q.bias.size());
      EXPECT_LE(coded_weight_bytes(node), graph::weight_bytes(node) + 1);
    }
    EXPECT_EQ(coded_weight_bytes(int8), sum);
    EXPECT_LT(coded_weight_bytes(int8), graph::weight_bytes(int8));
    EXPECT_LT(coded_weight_bytes(int8), before);
    before = coded_weight_bytes(int8);
  }
}

TEST(CodedWeights, ShrinkWithSparsity) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto windows = random_windows(4, {128, 9}, 1);
  std::int64_t before = graph::weight_bytes(quantize(calibrate(fp32, windows, {})));
  for (const double ratio : {0.0, 0.5, 0.8, 0.9}) {
    const auto int8 = quantize(calibrate(sparsify(fp32, {.ratio = ratio}), windows, {}));
    EXPECT_LT(coded_weight_bytes(int8), before);
    before = coded_weight_bytes(int8);
  }
  EXPECT_LT(before, 7000);
}

}  // namespace
}  // namespace edgeproof::compress
