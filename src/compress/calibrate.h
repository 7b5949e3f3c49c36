#pragma once

// Static calibration: activation ranges from running an FP32 graph on real windows.

#include <string>
#include <vector>

#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

enum class CalibrationMethod {
  min_max,         // everything seen
  percentile,      // the central share of the values seen: rare outliers saturate
  moving_average,  // of each batch's minimum and maximum (Krishnamoorthi 2018)
  mse,             // the share of [min, max] that int8 represents with least squared error
  entropy,         // the threshold that loses least information (Migacz 2017)
};

// In the order of CalibrationMethod: the words of a configuration.
const std::vector<std::string>& calibration_names();
CalibrationMethod calibration_from_name(const std::string& name);  // bad_config, with a suggestion

struct CalibrationOptions {
  CalibrationMethod method = CalibrationMethod::min_max;
  // For percentile: percent of values inside the range; half of the rest are on each side.
  double percentile = 99.99;
  // Evenly spread over the set; fewer if it has fewer.
  int windows = 512;
  // For moving_average: the newest batch's weight, and windows in a batch. Every batch is itself
  // spread evenly over the windows, so that the set's order does not weigh on the result.
  double momentum = 0.1;
  int batch = 16;
  int activation_bits = 8;  // 2 to 8, as activation_bits() of quantize.h
};

// The graph folded (graph/fold.h), with the output quantization of every node that computes set:
// quantize() takes it. A range is no wider than the clip that alone reads it lets through. What a
// concatenation joins gets the union of the ranges. Memory does not grow with the windows, except
// for percentile. Error bad_input for an empty set, windows that do not fit or hold values that are
// not finite, and for a network whose activations overflow; bad_config for options out of range.
graph::Graph calibrate(const graph::Graph& fp32, const signal::WindowSet& windows,
                       const CalibrationOptions& options);

}  // namespace edgeproof::compress
