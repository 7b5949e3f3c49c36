#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/random.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/reference.h"

namespace edgeproof::runtime {
namespace {

struct Quantized {
  std::vector<std::int8_t> values;
  std::int64_t clipped;
  bool operator==(const Quantized&) const = default;
};

Quantized quantize(const Kernels& kernels, const std::vector<float>& in, graph::Quantization to) {
  Quantized result{std::vector<std::int8_t>(in.size()), 0};
  result.clipped = kernels.quantize(in, to, result.values.data(), true);
  return result;
}

TEST(QuantizeEquivalence, HoldsForTiesExtremesAndEveryKindOfFloat) {
  std::vector<float> in = {NAN, INFINITY, -INFINITY, 0.0F, -0.0F, 0x1.fffffep-2F, -0x1.fffffep-2F};
  for (int half = -600; half <= 600; ++half) {
    const float tie = static_cast<float>(half) / 2;
    in.insert(in.end(), {tie, std::nextafter(tie, 1e9F), std::nextafter(tie, -1e9F)});
  }
  const CounterRng rng(1, "bit patterns");
  for (std::uint32_t i = 0; i < 20000; ++i) {
    float value;
    std::memcpy(&value, &rng.words(i)[0], sizeof value);
    in.push_back(value);
    in.push_back(static_cast<float>(rng.normal(i, 1) * 60));
  }
  for (const graph::Quantization to :
       {graph::Quantization{1.0F, 0}, {0.5F, -128}, {0.037F, 17}, {1e-30F, 127}, {3e7F, -1}}) {
    const Quantized expected = quantize(reference_kernels(), in, to);
    for (const Kernels& kernels : available_kernels()) {
      EXPECT_EQ(quantize(kernels, in, to), expected) << kernels.name;
      std::vector<std::int8_t> uncounted(in.size());
      kernels.quantize(in, to, uncounted.data(), false);
      EXPECT_EQ(uncounted, expected.values) << kernels.name;
    }
  }
}

template <typename T>
std::vector<T> random_sequence(const Pool& pool) {
  const CounterRng rng(*rc::gen::arbitrary<std::uint32_t>(), "pooling");
  std::vector<T> values(static_cast<std::size_t>(pool.in_length) * pool.channels);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(rng.uniform(static_cast<std::uint32_t>(i)) * 255.999 - 128.0);
  }
  return values;
}

Pool random_pool() {
  Pool pool;
  pool.channels = *rc::gen::inRange(1, 150);
  pool.in_length = *rc::gen::inRange(1, 40);
  pool.kernel = *rc::gen::inRange(1, pool.in_length + 1);
  pool.stride = *rc::gen::inRange(1, 5);
  const int pad_right = *rc::gen::inRange(0, pool.kernel);
  pool.out_length = (pool.in_length + pad_right - pool.kernel) / pool.stride + 1;
  return pool;
}

// Out of place by the reference, then in place by every kernel.
template <typename T, typename Same>
void expect_same_in_place(void (*Kernels::*kernel)(const Pool&, const T*, T*), const Pool& pool,
                          std::size_t outputs, const Same& same) {
  const std::vector<T> in = random_sequence<T>(pool);
  std::vector<T> expected(outputs);
  (reference_kernels().*kernel)(pool, in.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    std::vector<T> found = in;
    (kernels.*kernel)(pool, found.data(), found.data());
    for (std::size_t i = 0; i < outputs; ++i) RC_ASSERT(same(found[i], expected[i]));
  }
}

RC_GTEST_PROP(MaxPoolEquivalence, HoldsInPlace, ()) {
  const Pool pool = random_pool();
  const std::size_t outputs = static_cast<std::size_t>(pool.out_length) * pool.channels;
  expect_same_in_place(&Kernels::max_pool_int8, pool, outputs, std::equal_to<>{});
  expect_same_in_place(&Kernels::max_pool_float, pool, outputs, std::equal_to<>{});
}

RC_GTEST_PROP(MaxPoolEquivalence, HoldsWithPaddingOnBothSides, ()) {
  Pool pool = random_pool();
  pool.pad_left = *rc::gen::inRange(0, pool.kernel);
  pool.out_length =
      (pool.in_length + pool.pad_left + pool.kernel - 1 - pool.kernel) / pool.stride + 1;
  const auto in = random_sequence<std::int8_t>(pool);
  std::vector<std::int8_t> expected(static_cast<std::size_t>(pool.out_length) * pool.channels);
  reference_kernels().max_pool_int8(pool, in.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    std::vector<std::int8_t> found(expected.size());
    kernels.max_pool_int8(pool, in.data(), found.data());
    RC_ASSERT(found == expected);
  }
}

RC_GTEST_PROP(AddEquivalence, HoldsInPlaceOverEitherInput, ()) {
  const auto real = [] { return *rc::gen::inRange(1, 1 << 20) / double{1 << 20}; };
  const auto level = [] { return *rc::gen::resize(100, rc::gen::inRange(-128, 128)); };
  const auto random_output = [&] {
    graph::Quantization q{.bits = *rc::gen::inRange(2, 9)};
    q.zero_point = std::clamp(level(), q.lowest(), q.highest());
    return q;
  };
  Int8Add add{.size = static_cast<std::size_t>(*rc::gen::inRange(1, 400)),
              .relu = *rc::gen::arbitrary<bool>(),
              .zero1 = level(),
              .zero2 = level(),
              .output = random_output(),
              .multiplier1 = fixed_multiplier(0.5),
              .multiplier2 = fixed_multiplier(0.5 * real())};
  // From a tie at every half level to sums of many levels.
  const double output =
      std::ldexp(*rc::gen::arbitrary<bool>() ? 1.0 : real(), *rc::gen::inRange(-20, -16));
  add.output_multiplier = fixed_multiplier(output);
  if (*rc::gen::arbitrary<bool>()) std::swap(add.multiplier1, add.multiplier2);
  const Pool all{.in_length = static_cast<int>(add.size)};
  const auto a = random_sequence<std::int8_t>(all), b = random_sequence<std::int8_t>(all);
  std::vector<std::int8_t> expected(add.size);
  const auto clipped = reference_kernels().add_int8(add, a.data(), b.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    auto over_a = a, over_b = b;
    RC_ASSERT(kernels.add_int8(add, over_a.data(), b.data(), over_a.data()) == clipped);
    RC_ASSERT(kernels.add_int8(add, a.data(), over_b.data(), over_b.data()) == clipped);
    RC_ASSERT(over_a == expected);
    RC_ASSERT(over_b == expected);
  }
}

RC_GTEST_PROP(AddEquivalence, FloatIsExact, ()) {
  const FloatAdd add{static_cast<std::size_t>(*rc::gen::inRange(1, 200)),
                     *rc::gen::arbitrary<bool>()};
  const Pool all{.in_length = static_cast<int>(add.size)};
  const auto a = random_sequence<float>(all), b = random_sequence<float>(all);
  std::vector<float> expected(add.size), found(add.size);
  reference_kernels().add_float(add, a.data(), b.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    kernels.add_float(add, a.data(), b.data(), found.data());
    RC_ASSERT(found == expected);
  }
}

RC_GTEST_PROP(MulEquivalence, HoldsInPlaceOverTheFirstInput, ()) {
  const auto level = [] { return *rc::gen::resize(100, rc::gen::inRange(-128, 128)); };
  const Int8Mul mul{
      .rows = static_cast<std::size_t>(*rc::gen::inRange(1, 20)),
      .row = static_cast<std::size_t>(*rc::gen::inRange(1, 100)),
      .relu = *rc::gen::arbitrary<bool>(),
      .zero1 = level(),
      .zero2 = level(),
      .output = {.zero_point = level()},
      // From ties at every half level to the largest there is.
      .multiplier = fixed_multiplier(
          (*rc::gen::arbitrary<bool>() ? 1.0 : *rc::gen::inRange(1, 1 << 20) * 0x1p-20) *
          std::ldexp(1.0, *rc::gen::inRange(-12, 14)))};
  const Pool all{.in_length = static_cast<int>(mul.rows * mul.row)};
  const auto a = random_sequence<std::int8_t>(all), b = random_sequence<std::int8_t>(all);
  std::vector<std::int8_t> expected(a.size());
  const auto clipped = reference_kernels().mul_int8(mul, a.data(), b.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    auto over_a = a;
    RC_ASSERT(kernels.mul_int8(mul, over_a.data(), b.data(), over_a.data()) == clipped);
    RC_ASSERT(over_a == expected);
  }
}

RC_GTEST_PROP(MulEquivalence, FloatIsExact, ()) {
  const FloatMul mul{static_cast<std::size_t>(*rc::gen::inRange(1, 9)),
                     static_cast<std::size_t>(*rc::gen::inRange(1, 100)),
                     *rc::gen::arbitrary<bool>()};
  const Pool all{.in_length = static_cast<int>(mul.rows * mul.row)};
  const auto a = random_sequence<float>(all), b = random_sequence<float>(all);
  std::vector<float> expected(a.size()), found(a.size());
  reference_kernels().mul_float(mul, a.data(), b.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    kernels.mul_float(mul, a.data(), b.data(), found.data());
    RC_ASSERT(found == expected);
  }
}

RC_GTEST_PROP(AverageEquivalence, HoldsWithPaddingOnBothSides, ()) {
  Pool pool = random_pool();
  pool.pad_left = *rc::gen::inRange(0, pool.kernel);
  pool.out_length = (pool.in_length + pool.pad_left - 1) / pool.stride + 1;
  const auto in = random_sequence<std::int8_t>(pool);
  std::vector<std::int8_t> expected(static_cast<std::size_t>(pool.out_length) * pool.channels);
  reference_kernels().average_int8(pool, in.data(), expected.data());
  for (const Kernels& kernels : available_kernels()) {
    std::vector<std::int8_t> found(expected.size());
    kernels.average_int8(pool, in.data(), found.data());
    RC_ASSERT(found == expected);
  }
}

RC_GTEST_PROP(AverageEquivalence, HoldsInPlace, ()) {
  Pool pool = random_pool();
  const std::size_t outputs = static_cast<std::size_t>(pool.out_length) * pool.channels;
  expect_same_in_place(&Kernels::average_int8, pool, outputs, std::equal_to<>{});
  const float bound =
      128.0F * std::numeric_limits<float>::epsilon() * static_cast<float>(pool.in_length);
  expect_same_in_place(&Kernels::average_float, pool, outputs,
                       [&](float a, float b) { return std::abs(a - b) <= bound; });
}

}  // namespace
}  // namespace edgeproof::runtime
