// A layer is linear before its activation function, so its mean output is its output for the mean
// input: only the mean window of each layer's input is kept, and one layer runs on it in double
// precision. The integer network runs again after each corrected layer.

#include "compress/bias_correction.h"

#include <algorithm>

#include "compress/as_convolution.h"
#include "compress/calibration_run.h"
#include "compress/weight_rounding.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

using Mean = std::vector<double>;  // of a node's output over windows, [length, channels]

void expect_a_pair(const graph::Graph& int8, const graph::Graph& fp32) {
  const auto alike = [](const graph::Node& a, const graph::Node& b) {
    const graph::Weights* q = graph::weights_of(a.op);
    return a.name == b.name && a.op.index() == b.op.index() && a.inputs == b.inputs &&
           (q == nullptr ||
            std::get<graph::Int8Weights>(*q).values.size() ==
                std::get<graph::FloatWeights>(*graph::weights_of(b.op)).values.size());
  };
  if (!graph::is_int8(int8) || graph::is_int8(fp32) ||
      !std::equal(int8.nodes.begin(), int8.nodes.end(), fp32.nodes.begin(), fp32.nodes.end(),
                  alike) ||
      graph::infer_shapes(int8) != graph::infer_shapes(fp32)) {
    fail(
        ErrorCode::bad_input,
        "bias correction: '{}' is not the int8 graph that quantization made of the FP32 graph '{}'",
        int8.name, fp32.name);
  }
}

std::vector<Mean> mean_outputs(const graph::Graph& fp32, const signal::WindowSet& windows,
                               int most) {
  CalibrationRun run(fp32, windows, most);
  std::vector<Mean> means(fp32.nodes.size());
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    for (std::size_t n = 0; n < means.size(); ++n) {
      const auto output = run.output(static_cast<int>(n));
      means[n].resize(output.size());
      for (std::size_t k = 0; k < output.size(); ++k) means[n][k] += output[k];
    }
  }
  for (Mean& mean : means) {
    for (double& value : mean) value /= run.count();
  }
  return means;
}

Mean mean_int8_output(const graph::Graph& int8, int node, const signal::WindowSet& windows,
                      int most) {
  CalibrationRun run(int8, windows, most);
  std::vector<std::int64_t> sums;
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    const auto output = run.int8_output(node);
    sums.resize(output.size());
    for (std::size_t k = 0; k < output.size(); ++k) sums[k] += output[k];
  }
  const graph::Quantization q = *int8.nodes[static_cast<std::size_t>(node)].quantization;
  Mean mean;
  for (const std::int64_t sum : sums) {
    mean.push_back(q.scale * (static_cast<double>(sum) / run.count() - q.zero_point));
  }
  return mean;
}

// Per output channel, the mean over positions of the convolution of `input`, without bias.
// `weight(c, i)` is the i-th weight of output channel c.
template <typename Weight>
std::vector<double> mean_response(const graph::Conv1d& conv, graph::Shape in, const Mean& input,
                                  Weight weight) {
  const int length = graph::conv_output_length(conv, in.length);
  const int group_inputs = in.channels / conv.groups;
  const int group_outputs = conv.out_channels / conv.groups;
  std::vector<double> response(static_cast<std::size_t>(conv.out_channels), 0);
  for (int c = 0; c < conv.out_channels; ++c) {
    const int first_input = c / group_outputs * group_inputs;
    double sum = 0;
    for (int k = 0; k < conv.kernel; ++k) {
      for (int i = 0; i < group_inputs; ++i) {
        double seen = 0;  // by this weight, over all positions
        for (int out = 0; out < length; ++out) {
          const int at = out * conv.stride + k * conv.dilation - conv.pad_left;
          if (at < 0 || at >= in.length) continue;
          seen += input[static_cast<std::size_t>(at * in.channels + first_input + i)];
        }
        sum += seen * weight(c, k * group_inputs + i);
      }
    }
    response[static_cast<std::size_t>(c)] = sum / length;
  }
  return response;
}

std::vector<std::int32_t> corrected_bias(const graph::Conv1d& conv, graph::Shape in,
                                         const graph::FloatWeights& w, const Mean& input,
                                         const graph::Int8Weights& q, float input_scale,
                                         const Mean& int8_input) {
  const std::size_t per_output = w.values.size() / w.bias.size();
  const auto expected = mean_response(
      conv, in, input, [&](int c, int i) { return double{w.values[c * per_output + i]}; });
  const auto found = mean_response(conv, in, int8_input, [&](int c, int i) {
    return double{q.scales[static_cast<std::size_t>(c)]} * q.values[c * per_output + i];
  });
  std::vector<std::int32_t> bias;
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    bias.push_back(
        round_bias(w.bias[c] - (found[c] - expected[c]), double{input_scale} * q.scales[c]));
  }
  return bias;
}

}  // namespace

graph::Graph correct_bias(const graph::Graph& int8, const graph::Graph& fp32,
                          const signal::WindowSet& windows, const BiasCorrectionOptions& options) {
  graph::validate(int8);
  graph::validate(fp32);
  const graph::Graph folded = graph::fold(fp32);
  expect_a_pair(int8, folded);
  const std::vector<graph::Shape> shapes = graph::infer_shapes(folded);
  const std::vector<Mean> means = mean_outputs(folded, windows, options.windows);
  graph::Graph corrected = int8;
  for (std::size_t n = 0; n < corrected.nodes.size(); ++n) {
    graph::Node& node = corrected.nodes[n];
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const int input = node.inputs[0];
    const auto at = static_cast<std::size_t>(input);
    auto& q = std::get<graph::Int8Weights>(*weights);
    q.bias = corrected_bias(as_convolution(node.op, shapes[at]), shapes[at],
                            std::get<graph::FloatWeights>(*graph::weights_of(folded.nodes[n].op)),
                            means[at], q, corrected.nodes[at].quantization->scale,
                            mean_int8_output(corrected, input, windows, options.windows));
  }
  graph::validate(corrected);
  return corrected;
}

}  // namespace edgeproof::compress
