#pragma once

// Overlapping windows of one signal: a window that starts `hop` samples after the last shares most
// of its activations with it, and only what changed is computed. Outputs are those of run() on the
// whole window, bit by bit; in FP32 those of a plan that keeps all activations (plan.h).
//
// What changed are the positions that see new samples, and those near both ends, which see the
// padding. A layer whose positions are `s` samples apart moves along only if `hop` is a multiple of
// s; otherwise it is computed anew, as are pooling over the whole window and dense layers.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "graph/graph.h"
#include "runtime/aligned.h"

namespace edgeproof::runtime {

struct StreamProgram;  // stream.cpp

// Immutable, cheap to copy and safe to share between threads.
class StreamPlan {
 public:
  // Error bad_config for a hop below 1 or beyond the window's length; others as Plan().
  StreamPlan(const graph::Graph& graph, int hop, const std::string& isa = {});

  std::size_t window_size() const;  // values of a window, [length, channels]
  std::size_t hop_size() const;     // values of a hop, [hop, channels]
  std::size_t output_size() const;  // logits
  // Multiply-accumulates of a hop. Padding counts as if computed, as in graph::macs().
  std::int64_t macs_per_hop() const;
  // Activations kept from one hop to the next, in the deployed type (1 or 4 bytes a value).
  std::size_t state_bytes() const;

  const StreamProgram& program() const { return *program_; }

 private:
  std::shared_ptr<const StreamProgram> program_;
};

// The activations of one signal's latest window.
class Stream {
 public:
  explicit Stream(const StreamPlan& plan);

  // The first window [length, channels], or one that has nothing to do with the last.
  void start(std::span<const float> window, std::span<float> logits) noexcept;

  // The next window, of which [hop, channels] values are new. Needs start() before. Neither
  // allocates nor locks.
  void advance(std::span<const float> samples, std::span<float> logits) noexcept;

 private:
  StreamPlan plan_;
  AlignedVector<std::byte> arena_, scratch_;
};

}  // namespace edgeproof::runtime
