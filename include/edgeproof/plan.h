#pragma once

// A model made ready to run, and the memory that it runs in.
//
//   const edgeproof::Plan plan(model);  // validated, weights packed: shared by all threads
//   edgeproof::Workspace workspace(plan);  // one a thread
//   const std::span<const float> logits = workspace.run(window);
//   const int label = edgeproof::label_of(logits);
//
// Preparing may throw; running neither throws, allocates nor locks. An int8 model gives the same
// bits on every instruction set, and as exported C; an FP32 model agrees within the rounding of its
// sums.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "edgeproof/model.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

struct PlanOptions {
  // A name of instruction_sets(); empty: the best of this machine. No environment variable enters.
  std::string instruction_set = {};
};

// Those that this machine and build have, the best first, such as "avx3_vnni", "avx2", "sse4"; the
// last one is "scalar", the plain reference.
EDGEPROOF_PUBLIC std::vector<std::string> instruction_sets();

// Immutable, cheap to copy and safe to share between threads.
class EDGEPROOF_PUBLIC Plan {
 public:
  // Error bad_config for an instruction set that this machine does not have.
  explicit Plan(const Model& model, const PlanOptions& options = {});

  std::size_t window_size() const;  // values of a window, [length, channels]
  std::size_t output_size() const;  // logits
  const std::string& instruction_set() const;

  // For the library's own files.
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::shared_ptr<const Inside> inside_;
};

// Not to be used by two threads at once. Keeps its plan alive.
class EDGEPROOF_PUBLIC Workspace {
 public:
  explicit Workspace(const Plan& plan);
  ~Workspace();
  Workspace(Workspace&& other) noexcept;
  Workspace& operator=(Workspace&& other) noexcept;

  // The logits of one window, [length, channels] of prepared values (pipeline.h); valid until the
  // next run, or until the workspace ends. Empty for a window that has not plan.window_size()
  // values.
  std::span<const float> run(std::span<const float> window) noexcept;

  std::size_t output_size() const noexcept;  // logits

  // Of the last run, for each layer of the model: values that saturated while they were quantized.
  // All 0 for FP32 models; what ReLU cuts off below is not counted.
  std::span<const std::int64_t> clipped() const noexcept;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// Many windows, [count, length, channels], on `threads` threads: their logits, [count, outputs],
// which do not depend on how many there are. Error bad_input for a part of a window, bad_config for
// less than one thread.
EDGEPROOF_PUBLIC std::vector<float> run(const Plan& plan, std::span<const float> windows,
                                        int threads = 1);

// The index of the largest logit, the first of equals: an index into Pipeline::labels. -1 for none.
EDGEPROOF_PUBLIC int label_of(std::span<const float> logits) noexcept;

}  // namespace edgeproof
