#include "compress/importance.h"

#include <cmath>

#include "compress/as_convolution.h"
#include "compress/calibration_run.h"
#include "core/error.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

const graph::FloatWeights& weights_of(const graph::Node& node) {
  return std::get<graph::FloatWeights>(*graph::weights_of(node.op));
}

// term(w) summed over the filter of each output channel.
template <typename Term>
std::vector<double> filter_sums(const graph::FloatWeights& weights, Term term) {
  std::vector<double> sums(weights.bias.size(), 0);
  const std::size_t filter = weights.values.size() / sums.size();
  for (std::size_t i = 0; i < weights.values.size(); ++i)
    sums[i / filter] += term(weights.values[i]);
  return sums;
}

std::vector<double> gammas_after(const graph::Graph& graph, int node) {
  for (const graph::Node& next : graph.nodes) {
    const auto* bn = std::get_if<graph::BatchNorm>(&next.op);
    if (bn == nullptr || next.inputs[0] != node) continue;
    std::vector<double> gammas;
    for (const float gamma : bn->gamma) gammas.push_back(std::abs(gamma));
    return gammas;
  }
  fail(ErrorCode::unsupported,
       "node '{}': importance batch_norm needs a BatchNorm after every convolution; it has none",
       graph.nodes[static_cast<std::size_t>(node)].name);
}

// The sum of squares over all windows, per channel of every node that a layer reads.
NodeScores energies(const graph::Graph& graph, const signal::WindowSet& windows, int most) {
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  NodeScores energy(graph.nodes.size());
  for (const graph::Node& node : graph.nodes) {
    if (graph::weights_of(node.op) == nullptr) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    energy[input].assign(static_cast<std::size_t>(shapes[input].channels), 0);
  }
  CalibrationRun run(graph, windows, most);
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    for (std::size_t n = 0; n < energy.size(); ++n) {
      if (energy[n].empty()) continue;
      const auto values = run.output(static_cast<int>(n));
      for (std::size_t v = 0; v < values.size(); ++v) {
        energy[n][v % energy[n].size()] += double{values[v]} * double{values[v]};
      }
    }
  }
  return energy;
}

}  // namespace

const std::vector<std::string>& importance_names() {
  static const std::vector<std::string> names = {"l1", "l2", "batch_norm", "taylor", "wanda"};
  return names;
}

std::vector<double> unit_scores(const ChannelGroups& groups, const NodeScores& scores) {
  std::vector<double> sums(groups.units(), 0);
  for (std::size_t n = 0; n < scores.size(); ++n) {
    for (std::size_t c = 0; c < scores[n].size(); ++c) {
      const int unit = groups.unit_of[n][c];
      if (unit != ChannelGroups::kFixed) sums[static_cast<std::size_t>(unit)] += scores[n][c];
    }
  }
  return sums;
}

std::vector<double> weight_importance(const graph::Graph& fp32, const ChannelGroups& groups,
                                      Importance importance) {
  NodeScores scores(fp32.nodes.size());
  for (const ChannelGroup& group : groups.groups) {
    for (const int n : group.producers) {
      const auto at = static_cast<std::size_t>(n);
      const graph::FloatWeights& weights = weights_of(fp32.nodes[at]);
      switch (importance) {
        case Importance::l1:
          scores[at] = filter_sums(weights, [](float w) { return std::abs(double{w}); });
          break;
        case Importance::l2:
          scores[at] = filter_sums(weights, [](float w) { return double{w} * double{w}; });
          break;
        case Importance::batch_norm:
          scores[at] = gammas_after(fp32, n);
          break;
        case Importance::taylor:
        case Importance::wanda:
          fail(ErrorCode::bad_config, "importance {} needs windows",
               importance_names()[static_cast<std::size_t>(importance)]);
      }
    }
  }
  std::vector<double> units = unit_scores(groups, scores);
  if (importance == Importance::l2) {
    for (double& score : units) score = std::sqrt(score);
  }
  return units;
}

std::vector<double> activation_importance(const graph::Graph& fp32, const ChannelGroups& groups,
                                          const signal::WindowSet& windows, int most) {
  const std::vector<graph::Shape> shapes = graph::infer_shapes(fp32);
  const NodeScores energy = energies(fp32, windows, most);
  NodeScores scores(fp32.nodes.size());
  for (const graph::Node& node : fp32.nodes) {
    if (graph::weights_of(node.op) == nullptr) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    const graph::Conv1d conv = as_convolution(node.op, shapes[input]);
    auto& score = scores[input];
    score.resize(energy[input].size(), 0);
    const auto& values = weights_of(node).values;
    const std::size_t group_inputs = score.size() / static_cast<std::size_t>(conv.groups);
    const std::size_t filter = static_cast<std::size_t>(conv.kernel) * group_inputs;
    const std::size_t group_outputs = static_cast<std::size_t>(conv.out_channels / conv.groups);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t channel = i / filter / group_outputs * group_inputs + i % group_inputs;
      score[channel] += std::abs(double{values[i]}) * std::sqrt(energy[input][channel]);
    }
  }
  return unit_scores(groups, scores);
}

}  // namespace edgeproof::compress
