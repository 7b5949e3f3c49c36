#pragma once

// The memory that a Plan runs in: its arena, the kernels' scratch, and what the last run counted.
// One per thread, used again for every window.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/aligned.h"
#include "runtime/plan.h"

namespace edgeproof::runtime {

class Workspace {
 public:
  // Without `count_clipped`, clipped() does not count what the input, convolutions and dense layers
  // clip.
  explicit Workspace(const Plan& plan, bool count_clipped = true);

  // Per node, of the last run: values that saturated while they were quantized (int8 graphs only;
  // what ReLU cuts off below is not counted).
  std::span<const std::int64_t> clipped() const { return clipped_; }

 private:
  friend void run(const Plan& plan, Workspace& workspace, std::span<const float> window,
                  std::span<float> logits) noexcept;
  friend void run_nodes(const Plan& plan, Workspace& workspace, int first, int end,
                        std::span<const float> window) noexcept;
  template <typename T>
  friend std::span<const T> node_output(const Plan& plan, const Workspace& workspace, int node);

  void run_steps(const Program& program, std::span<const float> window, std::size_t first,
                 std::size_t end) noexcept;

  bool count_clipped_;
  AlignedVector<std::byte> arena_;
  AlignedVector<std::byte> scratch_;
  std::vector<std::int64_t> clipped_;
};

// One window [length, channels] of normalized FP32 values in, FP32 logits out; an int8 plan
// quantizes the input and dequantizes the output. The workspace must have been made for this plan,
// and sizes must be the plan's. Never allocates, throws or locks.
void run(const Plan& plan, Workspace& workspace, std::span<const float> window,
         std::span<float> logits) noexcept;

// What a node gave in the last run of a plan made with keep_all: T is float, or std::int8_t if
// plan.is_int8().
template <typename T>
std::span<const T> node_output(const Plan& plan, const Workspace& workspace, int node);

// The same, to be written to before run_nodes().
template <typename T>
std::span<T> node_values(const Plan& plan, Workspace& workspace, int node);

// Nodes first to end - 1 alone, on what the nodes before them hold: all of them run in order, or,
// of a plan made with keep_all, in any. `window` is read by node 0.
void run_nodes(const Plan& plan, Workspace& workspace, int first, int end,
               std::span<const float> window = {}) noexcept;

}  // namespace edgeproof::runtime
