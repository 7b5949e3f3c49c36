// First fit over a sorted list of buffers, the idea of LiteRT's greedy planner (Pisarchyk & Lee
// 2020, "Efficient memory management for deep neural net inference", greedy by size): each buffer
// takes the lowest offset at which it meets no placed buffer that is live at the same time. Two
// orders are tried, by size and by first use, because neither is always the better one. In-place
// chains are placed as one. Test: memory_plan_test.cpp paints every byte.

#include "runtime/memory_plan.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace edgeproof::runtime {
namespace {

using Chain = std::vector<std::size_t>;  // buffers that start at the same offset

struct Placed {
  std::size_t buffer;
  std::size_t offset;
};

std::size_t aligned(std::size_t bytes) {
  return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

bool collide(const Buffer& a, std::size_t a_offset, const Buffer& b, std::size_t b_offset) {
  const bool same_time = a.first <= b.last && b.first <= a.last;
  return same_time && a_offset < b_offset + b.bytes && b_offset < a_offset + a.bytes;
}

std::vector<Chain> chains_of(std::span<const Buffer> buffers) {
  std::vector<Chain> chains;
  std::vector<std::size_t> chain_of(buffers.size());
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].in_place_of >= 0) {
      chain_of[i] = chain_of[static_cast<std::size_t>(buffers[i].in_place_of)];
      chains[chain_of[i]].push_back(i);
    } else {
      chain_of[i] = chains.size();
      chains.push_back({i});
    }
  }
  return chains;
}

std::size_t lowest_offset(std::span<const Buffer> buffers, const Chain& chain,
                          const std::vector<Placed>& placed) {
  const auto fits = [&](std::size_t offset) {
    return std::ranges::none_of(chain, [&](std::size_t mine) {
      return std::ranges::any_of(placed, [&](const Placed& other) {
        return collide(buffers[mine], offset, buffers[other.buffer], other.offset);
      });
    });
  };
  std::vector<std::size_t> candidates = {0};
  for (const Placed& other : placed) {
    candidates.push_back(aligned(other.offset + buffers[other.buffer].bytes));
  }
  std::ranges::sort(candidates);
  return *std::ranges::find_if(candidates, fits);  // the last one, behind everything, always fits
}

MemoryPlan place(std::span<const Buffer> buffers, const std::vector<Chain>& chains) {
  MemoryPlan plan{std::vector<std::size_t>(buffers.size()), 0};
  std::vector<Placed> placed;
  for (const Chain& chain : chains) {
    const std::size_t offset = lowest_offset(buffers, chain, placed);
    for (const std::size_t buffer : chain) {
      plan.offsets[buffer] = offset;
      plan.bytes = std::max(plan.bytes, offset + buffers[buffer].bytes);
      placed.push_back({buffer, offset});
    }
  }
  return plan;
}

MemoryPlan place_in_best_order(std::span<const Buffer> buffers) {
  std::vector<Chain> chains = chains_of(buffers);
  const MemoryPlan by_time = place(buffers, chains);
  const auto size = [&](const Chain& chain) {
    std::size_t bytes = 0;
    for (const std::size_t buffer : chain) bytes = std::max(bytes, buffers[buffer].bytes);
    return bytes;
  };
  std::ranges::stable_sort(chains, std::greater<>{}, size);
  const MemoryPlan by_size = place(buffers, chains);
  return by_size.bytes <= by_time.bytes ? by_size : by_time;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Buffer> buffers) {
  std::vector<Buffer> chosen(buffers.begin(), buffers.end());
  MemoryPlan best = place_in_best_order(chosen);
  for (Buffer& buffer : chosen) {
    const int operand = buffer.in_place_of;
    if (operand < 0 || buffer.bytes == chosen[static_cast<std::size_t>(operand)].bytes) continue;
    buffer.in_place_of = -1;
    MemoryPlan apart = place_in_best_order(chosen);
    if (apart.bytes < best.bytes) {
      best = std::move(apart);
    } else {
      buffer.in_place_of = operand;
    }
  }
  return best;
}

}  // namespace edgeproof::runtime
