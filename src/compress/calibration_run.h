#pragma once

// A graph run over calibration windows with every node's output kept.
//
// Not thread-safe: it owns the workspace that it runs in.

#include <span>
#include <vector>

#include "runtime/plan.h"
#include "runtime/workspace.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

class CalibrationRun {
 public:
  // Runs at most `most` of `windows`, evenly spread; they must outlive this. Error bad_config if
  // `most` is below 1; bad_input for an empty set, windows that do not fit the graph, or a window
  // used that holds a value that is not finite.
  CalibrationRun(const graph::Graph& graph, const signal::WindowSet& windows, int most);

  int count() const { return count_; }
  void run(int i);  // 0 <= i < count()

  // What a node gave in the last run. Error bad_input, naming it, if that is not finite.
  std::span<const float> output(int node) const;
  std::span<const std::int8_t> int8_output(int node) const;

 private:
  int index(int i) const;

  runtime::Plan plan_;
  runtime::Workspace workspace_;
  const signal::WindowSet& windows_;
  int count_;
  std::vector<float> logits_;
};

}  // namespace edgeproof::compress
