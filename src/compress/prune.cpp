// The surgery: every node's lists of kept input and output channels follow from the units that go.

#include "compress/prune.h"

#include "compress/prune_selection.h"
#include "core/error.h"
#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::compress {
namespace {

using Kept = std::vector<int>;  // channel numbers, ascending

template <typename T>
std::vector<T> pick(const std::vector<T>& values, const Kept& kept) {
  std::vector<T> picked;
  for (const int c : kept) picked.push_back(values[static_cast<std::size_t>(c)]);
  return picked;
}

// From weights seen as [outputs, positions, inputs], the outputs and inputs that stay.
graph::FloatWeights pick(const graph::FloatWeights& w, int positions, int inputs,
                         const Kept& kept_outputs, const Kept& kept_inputs) {
  graph::FloatWeights picked;
  for (const int o : kept_outputs) {
    for (int p = 0; p < positions; ++p) {
      for (const int i : kept_inputs) {
        picked.values.push_back(
            w.values[(static_cast<std::size_t>(o) * positions + p) * inputs + i]);
      }
    }
  }
  picked.bias = pick(w.bias, kept_outputs);
  return picked;
}

// Leaves of an operation's parameters what belongs to the channels that stay.
struct Shrink {
  graph::Shape in;
  const Kept &inputs, &outputs;

  void operator()(graph::Conv1d& conv) const {
    const auto& weights = std::get<graph::FloatWeights>(conv.weights);
    if (conv.groups == in.channels && conv.groups > 1) {
      conv.weights = pick(weights, conv.kernel, 1, outputs, {0});
      conv.groups = static_cast<int>(inputs.size());
    } else if (conv.groups == 1) {
      conv.weights = pick(weights, conv.kernel, in.channels, outputs, inputs);
    }
    conv.out_channels = static_cast<int>(outputs.size());
  }
  void operator()(graph::Dense& dense) const {
    const auto& weights = std::get<graph::FloatWeights>(dense.weights);
    dense.weights = pick(weights, in.length, in.channels, outputs, inputs);
  }
  void operator()(graph::BatchNorm& bn) const {
    for (auto* values : {&bn.gamma, &bn.beta, &bn.mean, &bn.variance}) {
      *values = pick(*values, outputs);
    }
  }
  // They have no parameters of single channels.
  template <graph::OneOf<graph::Input, graph::Relu, graph::MaxPool, graph::AveragePool,
                         graph::GlobalAveragePool, graph::Add, graph::Mul, graph::Elementwise,
                         graph::Concat>
                Operation>
  void operator()(const Operation&) const {}
};

}  // namespace

const std::vector<std::string>& prune_scope_names() {
  static const std::vector<std::string> names = {"uniform", "global", "macs"};
  return names;
}

graph::Graph prune_channels(const graph::Graph& fp32, const ChannelGroups& groups,
                            const std::vector<double>& scores, const PruneOptions& options,
                            bool comparable) {
  if (!(options.ratio >= 0 && options.ratio < 1)) {
    fail(ErrorCode::bad_config, "pruning ratio is {}, expected at least 0 and below 1",
         options.ratio);
  }
  if (graph::is_int8(fp32)) {
    fail(ErrorCode::unsupported, "pruning needs an FP32 network, this one is int8");
  }
  const std::vector<bool> gone = units_to_remove(fp32, groups, scores, options, comparable);
  std::vector<Kept> kept;  // per node
  for (const auto& units : groups.unit_of) {
    auto& channels = kept.emplace_back();
    for (std::size_t c = 0; c < units.size(); ++c) {
      const int unit = units[c];
      if (unit == ChannelGroups::kFixed || !gone[static_cast<std::size_t>(unit)]) {
        channels.push_back(static_cast<int>(c));
      }
    }
  }
  const std::vector<graph::Shape> shapes = graph::infer_shapes(fp32);
  graph::Graph pruned = fp32;
  for (std::size_t n = 0; n < pruned.nodes.size(); ++n) {
    graph::Node& node = pruned.nodes[n];
    node.quantization.reset();
    if (node.inputs.empty()) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    std::visit(Shrink{shapes[input], kept[input], kept[n]}, node.op);
  }
  graph::validate(pruned);
  return pruned;
}

}  // namespace edgeproof::compress
