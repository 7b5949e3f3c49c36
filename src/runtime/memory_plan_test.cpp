#include "runtime/memory_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace edgeproof::runtime {
namespace {

// The most bytes live at one step, in-place pairs counted once where they share their start: no
// plan can be smaller.
std::size_t lower_bound(const std::vector<Buffer>& buffers) {
  std::size_t bound = 0;
  for (const Buffer& at : buffers) {
    std::size_t live = 0;
    for (const Buffer& b : buffers) {
      if (b.in_place_of < 0 && b.first <= at.first && at.first <= b.last) live += b.bytes;
    }
    bound = std::max(bound, live);
  }
  return bound;
}

// Paints every live byte with its buffer at every step. True if no byte has two owners, other than
// a buffer and the operand it replaces in place.
bool no_byte_has_two_owners(const std::vector<Buffer>& buffers, const MemoryPlan& plan) {
  int last = 0;
  for (const Buffer& b : buffers) last = std::max(last, b.last);
  for (int step = 0; step <= last; ++step) {
    std::vector<int> owner(plan.bytes, -1);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      if (step < buffers[i].first || buffers[i].last < step) continue;
      for (std::size_t byte = 0; byte < buffers[i].bytes; ++byte) {
        int& o = owner.at(plan.offsets[i] + byte);
        const bool in_place = o == buffers[i].in_place_of && o >= 0 &&
                              plan.offsets[i] == plan.offsets[static_cast<std::size_t>(o)];
        if (o >= 0 && !in_place) return false;
        o = static_cast<int>(i);
      }
    }
  }
  return true;
}

// Chains of layers as a network makes them, some in place, some kept longer than one step.
std::vector<Buffer> random_buffers() {
  const int count = *rc::gen::inRange(1, 9);
  std::vector<Buffer> buffers;
  for (int i = 0; i < count; ++i) {
    Buffer b{static_cast<std::size_t>(*rc::gen::inRange(1, 40)), i, i + *rc::gen::inRange(1, 4)};
    if (i > 0 && *rc::gen::arbitrary<bool>()) {
      Buffer& operand = buffers.back();
      operand.last = i;
      b.in_place_of = i - 1;
      b.bytes = std::min(b.bytes, operand.bytes);
    }
    buffers.push_back(b);
  }
  return buffers;
}

RC_GTEST_PROP(MemoryPlan, NoTwoLiveBuffersOverlap, ()) {
  const std::vector<Buffer> buffers = random_buffers();
  const MemoryPlan plan = plan_memory(buffers);
  RC_ASSERT(no_byte_has_two_owners(buffers, plan));
  RC_ASSERT(plan.bytes >= lower_bound(buffers));
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    RC_ASSERT(plan.offsets[i] % kArenaAlignment == 0);
    RC_ASSERT(plan.offsets[i] + buffers[i].bytes <= plan.bytes);
  }
}

TEST(MemoryPlan, AChainNeedsItsLargestNeighbours) {
  const std::vector<Buffer> chain = {{8, 0, 1}, {32, 1, 2}, {16, 2, 3}, {28, 3, 4}, {4, 4, 5}};
  EXPECT_EQ(plan_memory(chain).bytes, 48U);
}

TEST(MemoryPlan, OrderByFirstUseWinsWhereSizeOrderFails) {
  // By size, {4} finds no room beside {40} below 76.
  const std::vector<Buffer> chain = {{40, 0, 1}, {4, 1, 2}, {36, 2, 3}, {38, 3, 4}};
  EXPECT_EQ(plan_memory(chain).bytes, 74U);
  EXPECT_TRUE(no_byte_has_two_owners(chain, plan_memory(chain)));
}

TEST(MemoryPlan, InPlacePoolingFreesTheRestOfItsOperand) {
  // 32 bytes shrink to 16 in place; the next 32 need only what is left beside those 16.
  const std::vector<Buffer> buffers = {{8, 0, 1}, {32, 1, 2}, {16, 2, 3, 1}, {32, 3, 4}};
  const MemoryPlan plan = plan_memory(buffers);
  EXPECT_EQ(plan.bytes, 48U);
  EXPECT_EQ(plan.offsets[1], plan.offsets[2]);
}

TEST(MemoryPlan, AShrinkingResultIsNotPinnedWhereThatCostsMemory) {
  // If all are in place, the three large ones cannot alternate between two ends: 64 bytes instead
  // of 48.
  const std::vector<Buffer> buffers = {{16, 0, 1}, {32, 1, 2},    {16, 2, 3, 1},
                                       {32, 3, 4}, {16, 4, 5, 3}, {32, 5, 6}};
  EXPECT_EQ(plan_memory(buffers).bytes, 48U);
}

TEST(MemoryPlan, EqualSizesAreReplacedInPlace) {
  const std::vector<Buffer> buffers = {{16, 0, 1}, {16, 1, 2, 0}, {16, 2, 3, 1}};
  EXPECT_EQ(plan_memory(buffers).bytes, 16U);
}

TEST(MemoryPlan, NothingNeedsNothing) {
  EXPECT_EQ(plan_memory({}).bytes, 0U);
}

}  // namespace
}  // namespace edgeproof::runtime
