#pragma once

// Where each activation lives in the arena: decided once, before anything runs.
//
// Buffers that are never live at the same step may share memory. The result of an operation that
// can work in place may also start where its operand starts, and share memory with it for the step
// that makes it.

#include <cstddef>
#include <span>
#include <vector>

namespace edgeproof::runtime {

struct Buffer {
  std::size_t bytes = 0;
  int first = 0;         // the step that writes it
  int last = 0;          // the last step that reads it, inclusive
  int in_place_of = -1;  // the operand that it may replace, an earlier buffer; -1: none
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // one per buffer, multiples of kArenaAlignment
  std::size_t bytes = 0;             // the arena: the end of the furthest buffer
};

inline constexpr std::size_t kArenaAlignment = 4;  // a word of the smallest device

MemoryPlan plan_memory(std::span<const Buffer> buffers);

}  // namespace edgeproof::runtime
