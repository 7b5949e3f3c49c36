// Test: calibrate_test.cpp.

#include "compress/calibration_run.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace edgeproof::compress {
namespace {

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

CalibrationRun::CalibrationRun(const graph::Graph& graph, const signal::WindowSet& windows,
                               int most)
    : plan_(graph, {.keep_all = true, .float_sums = runtime::FloatSums::by_tap}),
      workspace_(plan_),
      windows_(windows),
      count_(std::min(windows.count, most)),
      logits_(plan_.output_size()) {
  if (most < 1) fail(ErrorCode::bad_config, "calibration: {} windows, expected at least 1", most);
  if (count_ < 1) fail(ErrorCode::bad_input, "calibration: the set of windows is empty");
  const auto size =
      static_cast<std::size_t>(windows.length) * static_cast<std::size_t>(windows.channels);
  if (size != plan_.input_size()) {
    fail(ErrorCode::bad_input, "calibration: windows have {} values, the network takes {}", size,
         plan_.input_size());
  }
  for (int i = 0; i < count_; ++i) {
    if (!all_finite(windows.window(index(i)))) {
      fail(ErrorCode::bad_input,
           "calibration: window {} holds a value that is not finite; impute it first", index(i));
    }
  }
}

int CalibrationRun::index(int i) const {
  return static_cast<int>(std::int64_t{i} * windows_.count / count_);
}

void CalibrationRun::run(int i) {
  runtime::run(plan_, workspace_, windows_.window(index(i)), logits_);
}

std::span<const float> CalibrationRun::output(int node) const {
  const auto values = runtime::node_output<float>(plan_, workspace_, node);
  if (!all_finite(values)) {
    fail(ErrorCode::bad_input, "calibration: node '{}' gives values that are not finite",
         plan_.node_names()[static_cast<std::size_t>(node)]);
  }
  return values;
}

std::span<const std::int8_t> CalibrationRun::int8_output(int node) const {
  return runtime::node_output<std::int8_t>(plan_, workspace_, node);
}

}  // namespace edgeproof::compress
