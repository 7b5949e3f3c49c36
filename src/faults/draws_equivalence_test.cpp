// Every instruction set that this machine has gives the bits of the plain code.

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>

#include "faults/draws.h"

namespace edgeproof::faults {
namespace {

// Runs `check` under each target that is compiled in, then returns to the machine's own choice.
template <typename Check>
void for_each_target(const Check& check) {
  std::int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  ASSERT_NE(targets, 0);
  for (; targets != 0; targets &= targets - 1) {
    const std::int64_t target = targets & -targets;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);  // what dispatch reads; it is cached otherwise
    check(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, {}, std::bit_cast<std::uint32_t, float>,
                            std::bit_cast<std::uint32_t, float>);
}

struct Run {
  std::int64_t first;
  std::size_t count;
};

// Near zero, about where the block number needs its second word, and far out.
Run any_run() {
  const auto base =
      *rc::gen::element<std::int64_t>(0, (std::int64_t{1} << 34) - 1500, std::int64_t{1} << 60);
  return {base + *rc::gen::inRange<std::int64_t>(0, 3000), *rc::gen::inRange<std::size_t>(0, 3001)};
}

RC_GTEST_PROP(DrawsEquivalence, WordsAreThePlainOnes,
              (std::uint64_t seed, std::uint32_t recording, std::uint32_t channel)) {
  const Draws draws(CounterRng(seed, "test"), recording, channel);
  const auto [first, count] = any_run();
  std::vector<std::uint32_t> expected(count);
  for (std::size_t i = 0; i < count; ++i) {
    expected[i] = draws.word(first + static_cast<std::int64_t>(i));
  }
  for_each_target([&, first = first, count = count](const char* target) {
    std::vector<std::uint32_t> words(count);
    draws.words(first, words);
    RC_LOG() << target;
    RC_ASSERT(words == expected);
  });
}

RC_GTEST_PROP(DrawsEquivalence, NormalsAreThePlainOnesBitForBit,
              (std::uint64_t seed, std::uint32_t recording, std::uint32_t channel)) {
  const Draws draws(CounterRng(seed, "test"), recording, channel);
  const auto [first, count] = any_run();
  std::vector<float> expected(count);
  for (std::size_t i = 0; i < count; ++i) {
    expected[i] = draws.normal(first + static_cast<std::int64_t>(i));
  }
  for_each_target([&, first = first, count = count](const char* target) {
    std::vector<float> normals(count);
    draws.normals(first, normals);
    RC_LOG() << target;
    RC_ASSERT(same_bits(normals, expected));
  });
}

RC_GTEST_PROP(DrawsEquivalence, SinesAreThePlainOnesBitForBit,
              (std::uint64_t phase, std::uint64_t step)) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 3001);
  std::vector<float> expected(count);
  for (std::size_t i = 0; i < count; ++i) expected[i] = sine(phase + i * step);
  for_each_target([&](const char* target) {
    std::vector<float> out(count);
    sines(phase, step, out);
    RC_LOG() << target;
    RC_ASSERT(same_bits(out, expected));
  });
}

TEST(DrawsEquivalence, ComparesMoreThanOneTargetHere) {
  int targets = 0;
  for_each_target([&](const char*) { ++targets; });
#if defined(__x86_64__) || defined(__aarch64__)
  EXPECT_GT(targets, 1) << "only " << hwy::TargetName(hwy::SupportedTargets());
#endif
}

}  // namespace
}  // namespace edgeproof::faults
