// Runs the folded graph with all outputs kept. Min/max needs two numbers per node; percentiles are
// exact order statistics of all values, in one pass over the windows per node, so that memory is
// bounded by the largest layer. Test: calibrate_test.cpp.

#include "compress/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/quantize.h"
#include "core/error.h"
#include "graph/fold.h"
#include "runtime/plan.h"
#include "runtime/workspace.h"

namespace edgeproof::compress {
namespace {

struct Range {
  float lo = std::numeric_limits<float>::infinity();
  float hi = -std::numeric_limits<float>::infinity();
};

Range min_max(std::span<const float> values) {
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  return {*lo, *hi};
}

// The value below which `share` of the values lie (nearest rank). Reorders them.
float order_statistic(std::vector<float>& values, double share) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::llround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<size_t>(rank)];
}

Range percentile_range(std::vector<float>& values, double percentile) {
  const double outside = (1 - percentile / 100) / 2;
  const float lo = order_statistic(values, outside);
  return {lo, order_statistic(values, 1 - outside)};
}

}  // namespace

graph::Graph calibrate(const graph::Graph& fp32, const signal::WindowSet& windows,
                       const CalibrationOptions& options) {
  graph::Graph graph = graph::fold(fp32);
  const runtime::Plan plan(graph, {.keep_all = true});
  const auto size = static_cast<size_t>(windows.length) * static_cast<size_t>(windows.channels);
  if (windows.count == 0) fail(ErrorCode::bad_input, "calibration: the set of windows is empty");
  if (size != plan.input_size()) {
    fail(ErrorCode::bad_input, "calibration: windows have {} values, the network takes {}", size,
         plan.input_size());
  }
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  const int count = std::min(windows.count, options.windows);
  const auto run_window = [&](int i) {
    const auto index = static_cast<int>(std::int64_t{i} * windows.count / count);
    runtime::run(plan, workspace, windows.window(index), logits);
  };
  std::vector<int> nodes;
  for (int n = 0; n < static_cast<int>(graph.nodes.size()); ++n) {
    if (!graph::keeps_quantization(graph.nodes[static_cast<size_t>(n)].op)) nodes.push_back(n);
  }
  std::vector<Range> ranges(graph.nodes.size());
  if (options.method == CalibrationMethod::min_max) {
    for (int i = 0; i < count; ++i) {
      run_window(i);
      for (const int n : nodes) {
        const Range seen = min_max(runtime::node_output<float>(plan, workspace, n));
        Range& range = ranges[static_cast<size_t>(n)];
        range = {std::min(range.lo, seen.lo), std::max(range.hi, seen.hi)};
      }
    }
  } else {
    for (const int n : nodes) {
      std::vector<float> values;
      for (int i = 0; i < count; ++i) {
        run_window(i);
        const auto output = runtime::node_output<float>(plan, workspace, n);
        values.insert(values.end(), output.begin(), output.end());
      }
      ranges[static_cast<size_t>(n)] = percentile_range(values, options.percentile);
    }
  }
  for (const int n : nodes) {
    const Range& range = ranges[static_cast<size_t>(n)];
    graph.nodes[static_cast<size_t>(n)].quantization = affine_quantization(range.lo, range.hi);
  }
  return graph;
}

}  // namespace edgeproof::compress
