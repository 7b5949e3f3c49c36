#pragma once

// Accuracy of a model clean and under faults, for choosing among models; a study's own evaluation
// is evaluate.h.

#include <span>
#include <vector>

#include "experiment/materials.h"
#include "runtime/plan.h"

namespace edgeproof::engine {

struct Robustness {
  double clean = 0;   // accuracy
  double robust = 0;  // its mean over the faults and severities of [faults] (docs/metrics.md)
};

// Windows as each condition of [faults] leaves them, realized once: every model sees the same.
class RobustnessTest {
 public:
  // At most `most` of the windows, evenly spread; fewer if all conditions would take more than
  // 1 GiB. Error bad_input for no window; as applicable_faults().
  RobustnessTest(const experiment::Materials& materials, std::span<const signal::Window> windows,
                 int most, int threads);

  int windows() const { return static_cast<int>(labels_.size()); }
  // May be called by several threads at once.
  Robustness of(const runtime::Plan& plan, int threads) const;

 private:
  std::vector<std::uint8_t> labels_;
  signal::WindowSet clean_;
  std::vector<signal::WindowSet> faulty_;
};

}  // namespace edgeproof::engine
