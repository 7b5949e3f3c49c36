#pragma once

// Static calibration: activation ranges from running an FP32 graph on real windows.

#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

enum class CalibrationMethod {
  min_max,     // everything seen
  percentile,  // the central share of the values seen: rare outliers saturate
};

struct CalibrationOptions {
  CalibrationMethod method = CalibrationMethod::min_max;
  double percentile =
      99.99;          // of values inside the range, for percentile; half of the rest on each side
  int windows = 512;  // evenly spread over the set; fewer if it has fewer
};

// The graph folded (graph/fold.h), with the output quantization of its input and every convolution
// and dense layer set: quantize() takes it. Error bad_input for an empty set or windows that do not
// fit.
graph::Graph calibrate(const graph::Graph& fp32, const signal::WindowSet& windows,
                       const CalibrationOptions& options);

}  // namespace edgeproof::compress
