#pragma once

// Overlapping windows of one signal: each shares most of its activations with the one before, and
// only what changed is computed.
//
//   const edgeproof::StreamPlan plan(model, 16);  // a window every 16 samples
//   edgeproof::Stream stream(plan);               // one a signal
//   auto logits = stream.start(first_window);
//   while (more()) logits = stream.advance(next_16_samples());
//
// An int8 model's logits are those of Workspace::run() on the whole window, bit by bit; an FP32
// model's are those of sums tap by tap, within rounding of them. Preparing may throw; start() and
// advance() neither throw, allocate nor lock.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "edgeproof/model.h"
#include "edgeproof/plan.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

// Immutable, cheap to copy and safe to share between threads.
class EDGEPROOF_PUBLIC StreamPlan {
 public:
  // `hop`: samples from one window to the next. It pays if layers with a stride move along: it
  // should be a multiple of their product. Error bad_config for a hop below 1 or beyond the window,
  // or an instruction set that this machine does not have.
  StreamPlan(const Model& model, int hop, const PlanOptions& options = {});

  std::size_t window_size() const;    // values of a window, [length, channels]
  std::size_t hop_size() const;       // values of a hop, [hop, channels]
  std::size_t output_size() const;    // logits
  std::int64_t macs_per_hop() const;  // multiply-accumulates; padding counts as computed
  std::size_t state_bytes() const;    // activations kept from one hop to the next

  // For the library's own files.
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::shared_ptr<const Inside> inside_;
};

// Not to be used by two threads at once. Keeps its plan alive.
class EDGEPROOF_PUBLIC Stream {
 public:
  explicit Stream(const StreamPlan& plan);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  // The first window, [length, channels] of prepared values, or one that has nothing to do with the
  // last. Logits are valid until the next call; empty for a window of another size.
  std::span<const float> start(std::span<const float> window) noexcept;

  // The next window, of which [hop, channels] values are new. Empty for another size, or before
  // start().
  std::span<const float> advance(std::span<const float> samples) noexcept;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace edgeproof
