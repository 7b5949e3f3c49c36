// Runs the folded graph with all outputs kept. Each batch's min/max needs two numbers per node; mse
// and entropy fill a histogram per node in a second pass, when its bounds are known; percentiles
// are exact order statistics of all values, in one pass over the windows per node, so that memory
// is bounded by the largest layer.

#include "compress/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/calibration_run.h"
#include "compress/quantize.h"
#include "compress/range_search.h"
#include "core/error.h"
#include "core/text.h"
#include "graph/fold.h"

namespace edgeproof::compress {
namespace {

constexpr Range kNothing{std::numeric_limits<float>::infinity(),
                         -std::numeric_limits<float>::infinity()};

Range united(const Range& a, const Range& b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

Range min_max(std::span<const float> values) {
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  return {*lo, *hi};
}

// The value below which `share` of the values lie (nearest rank). Reorders them.
float order_statistic(std::vector<float>& values, double share) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::llround(share * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

Range percentile_range(std::vector<float>& values, double percentile) {
  const double outside = (1 - percentile / 100) / 2;
  const float lo = order_statistic(values, outside);
  return {lo, order_statistic(values, 1 - outside)};
}

using Ranges = std::vector<Range>;  // one per node of `nodes`

// Ranges of each batch. Window i belongs to batch i modulo `batches`.
std::vector<Ranges> batch_ranges(CalibrationRun& run, const std::vector<int>& nodes, int batches) {
  std::vector<Ranges> ranges(static_cast<std::size_t>(batches), Ranges(nodes.size(), kNothing));
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    Ranges& batch = ranges[static_cast<std::size_t>(i % batches)];
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      batch[n] = united(batch[n], min_max(run.output(nodes[n])));
    }
  }
  return ranges;
}

Ranges moving_average(const std::vector<Ranges>& batches, double momentum) {
  Ranges average = batches.front();
  const auto follow = [&](float old, float seen) {
    return static_cast<float>((1 - momentum) * old + momentum * seen);
  };
  for (std::size_t b = 1; b < batches.size(); ++b) {
    for (std::size_t n = 0; n < average.size(); ++n) {
      average[n] = {follow(average[n].lo, batches[b][n].lo),
                    follow(average[n].hi, batches[b][n].hi)};
    }
  }
  return average;
}

Ranges percentiles(CalibrationRun& run, const std::vector<int>& nodes, double percentile) {
  Ranges ranges;
  for (const int n : nodes) {
    std::vector<float> values;
    for (int i = 0; i < run.count(); ++i) {
      run.run(i);
      const auto output = run.output(n);
      values.insert(values.end(), output.begin(), output.end());
    }
    ranges.push_back(percentile_range(values, percentile));
  }
  return ranges;
}

std::vector<Histogram> histograms(CalibrationRun& run, const std::vector<int>& nodes) {
  const Ranges seen = batch_ranges(run, nodes, 1).front();
  std::vector<Histogram> filled;
  for (const Range& range : seen) filled.emplace_back(range);
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    for (std::size_t n = 0; n < nodes.size(); ++n) filled[n].add(run.output(nodes[n]));
  }
  return filled;
}

Ranges find_ranges(CalibrationRun& run, const std::vector<int>& nodes, const std::vector<int>& bits,
                   const CalibrationOptions& options) {
  if (options.method == CalibrationMethod::percentile) {
    return percentiles(run, nodes, options.percentile);
  }
  if (options.method == CalibrationMethod::moving_average) {
    const int batches = (run.count() - 1) / options.batch + 1;
    return moving_average(batch_ranges(run, nodes, batches), options.momentum);
  }
  if (options.method == CalibrationMethod::min_max) return batch_ranges(run, nodes, 1).front();
  Ranges ranges;
  const std::vector<Histogram> filled = histograms(run, nodes);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const int b = bits[static_cast<std::size_t>(nodes[n])];
    ranges.push_back(options.method == CalibrationMethod::mse ? mse_range(filled[n], b)
                                                              : entropy_range(filled[n], 1 << b));
  }
  return ranges;
}

// What a clip cuts off need not be represented before it either, if nobody else reads that: its
// input saturates where it would clip.
void clip_inputs(const graph::Graph& graph, const std::vector<int>& nodes, Ranges& ranges) {
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const graph::Elementwise* clip = nullptr;
    int readers = 0;
    for (const graph::Node& node : graph.nodes) {
      if (std::ranges::find(node.inputs, nodes[n]) == node.inputs.end()) continue;
      ++readers;
      clip = std::get_if<graph::Elementwise>(&node.op);
    }
    const bool alone = readers == 1 && clip != nullptr;
    if (!alone || clip->function != graph::Elementwise::Function::clip) continue;
    ranges[n].lo = std::clamp(ranges[n].lo, clip->low, clip->high);
    ranges[n].hi = std::clamp(ranges[n].hi, clip->low, clip->high);
  }
}

void check(const CalibrationOptions& options) {
  if (!(options.percentile > 0 && options.percentile <= 100)) {
    fail(ErrorCode::bad_config, "calibration percentile is {}, expected above 0 and at most 100",
         options.percentile);
  }
  if (!(options.momentum > 0 && options.momentum <= 1)) {
    fail(ErrorCode::bad_config, "calibration momentum is {}, expected above 0 and at most 1",
         options.momentum);
  }
  if (options.activation_bits < 2 || options.activation_bits > 8) {
    fail(ErrorCode::bad_config, "activation bits are {}, expected 2 to 8", options.activation_bits);
  }
  if (options.batch < 1) {
    fail(ErrorCode::bad_config, "calibration batch is {}, expected at least 1", options.batch);
  }
}

}  // namespace

const std::vector<std::string>& calibration_names() {
  static const std::vector<std::string> names = {"min_max", "percentile", "moving_average", "mse",
                                                 "entropy"};
  return names;
}

CalibrationMethod calibration_from_name(const std::string& name) {
  const auto& names = calibration_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    fail(ErrorCode::bad_config, "unknown calibration '{}'{}", name, did_you_mean(name, names));
  }
  return static_cast<CalibrationMethod>(found - names.begin());
}

graph::Graph calibrate(const graph::Graph& fp32, const signal::WindowSet& windows,
                       const CalibrationOptions& options) {
  check(options);
  graph::Graph graph = graph::fold(fp32);
  CalibrationRun run(graph, windows, options.windows);
  std::vector<int> nodes;
  for (int n = 0; n < static_cast<int>(graph.nodes.size()); ++n) {
    if (!graph::keeps_quantization(graph.nodes[static_cast<std::size_t>(n)].op)) nodes.push_back(n);
  }
  const std::vector<int> bits = activation_bits(graph, options.activation_bits);
  Ranges ranges = find_ranges(run, nodes, bits, options);
  clip_inputs(graph, nodes, ranges);
  // Producers that a concatenation joins have one quantization: that of all their values.
  const std::vector<int> roots = graph::quantization_roots(graph);
  std::vector<Range> shared(graph.nodes.size(), kNothing);
  const auto root = [&](int n) {
    return static_cast<std::size_t>(roots[static_cast<std::size_t>(n)]);
  };
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    shared[root(nodes[n])] = united(shared[root(nodes[n])], ranges[n]);
  }
  for (const int n : nodes) {
    const Range range = shared[root(n)];
    const auto fixed = graph::fixed_quantization(graph, n);
    graph.nodes[static_cast<std::size_t>(n)].quantization =
        fixed ? fixed : affine_quantization(range.lo, range.hi, bits[static_cast<std::size_t>(n)]);
  }
  return graph;
}

}  // namespace edgeproof::compress
