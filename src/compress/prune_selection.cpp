// Test: prune_test.cpp.

#include "compress/prune_selection.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

#include "compress/as_convolution.h"
#include "core/error.h"
#include "core/text.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

// Multiply-accumulates of the network as units go.
class Macs {
 public:
  Macs(const graph::Graph& graph, const ChannelGroups& groups) : uses_(groups.units()) {
    const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      if (graph::weights_of(graph.nodes[n].op) == nullptr) continue;
      const auto input = static_cast<std::size_t>(graph.nodes[n].inputs[0]);
      const graph::Conv1d conv = as_convolution(graph.nodes[n].op, shapes[input]);
      const std::size_t layer = layers_.size();
      const int group_inputs = shapes[input].channels / conv.groups;
      layers_.push_back({static_cast<double>(shapes[n].length) * conv.kernel,
                         static_cast<double>(group_inputs),
                         static_cast<double>(shapes[n].channels)});
      count(groups.unit_of[n], layer, &Use::outputs);
      if (conv.groups == 1) count(groups.unit_of[input], layer, &Use::inputs);
    }
  }

  double total() const {
    double sum = 0;
    for (const Layer& layer : layers_) sum += layer.macs();
    return sum;
  }
  double saved_by(int unit) const {
    double saved = 0;
    for (const auto& [layer, use] : uses_[static_cast<std::size_t>(unit)]) {
      saved += layers_[layer].macs() - layers_[layer].without(use).macs();
    }
    return saved;
  }
  void remove(int unit) {
    for (const auto& [layer, use] : uses_[static_cast<std::size_t>(unit)]) {
      layers_[layer] = layers_[layer].without(use);
    }
  }

 private:
  struct Use {
    double inputs = 0, outputs = 0;
  };
  struct Layer {
    double taps, inputs, outputs;
    double macs() const { return taps * inputs * outputs; }
    Layer without(const Use& use) const {
      return {taps, inputs - use.inputs, outputs - use.outputs};
    }
  };
  void count(const std::vector<int>& units, std::size_t layer, double Use::*side) {
    for (const int unit : units) {
      if (unit != ChannelGroups::kFixed) uses_[static_cast<std::size_t>(unit)][layer].*side += 1;
    }
  }

  std::vector<Layer> layers_;
  std::vector<std::map<std::size_t, Use>> uses_;  // of every unit, by layer
};

class Selection {
 public:
  Selection(const graph::Graph& graph, const ChannelGroups& groups, std::vector<double> scores)
      : graph_(graph), groups_(groups), scores_(std::move(scores)), gone_(groups.units(), false) {
    for (const ChannelGroup& group : groups.groups) left_.push_back(group.units.size());
  }

  std::vector<bool> gone() && { return std::move(gone_); }

  // Removes all units of one group but `keep`.
  void shrink(int group, std::size_t keep) {
    for (const int unit : ascending(groups_.groups[static_cast<std::size_t>(group)].units)) {
      if (left_[static_cast<std::size_t>(group)] <= keep) return;
      remove(unit);
    }
  }

  void divide_by_group_means() {
    for (const ChannelGroup& group : groups_.groups) {
      double sum = 0;
      for (const int unit : group.units) sum += scores_[static_cast<std::size_t>(unit)];
      if (sum <= 0) continue;
      const double mean = sum / static_cast<double>(group.units.size());
      for (const int unit : group.units) scores_[static_cast<std::size_t>(unit)] /= mean;
    }
  }

  void shrink_all(double ratio) {
    auto left = static_cast<std::int64_t>(std::llround(ratio * static_cast<double>(gone_.size())));
    std::vector<int> all(gone_.size());
    std::iota(all.begin(), all.end(), 0);
    for (const int unit : ascending(all)) {
      if (left == 0) return;
      if (!removable(unit)) continue;
      remove(unit);
      --left;
    }
  }

  // One unit at a time, for what it saves changes with what is gone.
  void shrink_macs(double ratio) {
    Macs macs(graph_, groups_);
    const double aim = (1 - ratio) * macs.total();
    while (macs.total() > aim) {
      int best = -1;
      double best_price = 0;
      for (int unit = 0; unit < static_cast<int>(gone_.size()); ++unit) {
        if (gone_[static_cast<std::size_t>(unit)] || !removable(unit)) continue;
        const double price = scores_[static_cast<std::size_t>(unit)] / macs.saved_by(unit);
        if (best < 0 || price < best_price) {
          best = unit;
          best_price = price;
        }
      }
      if (best < 0) return;
      remove(best);
      macs.remove(best);
    }
  }

 private:
  std::vector<int> ascending(std::vector<int> units) const {
    std::ranges::stable_sort(units, {},
                             [&](int unit) { return scores_[static_cast<std::size_t>(unit)]; });
    return units;
  }
  std::size_t& left_of(int unit) {
    return left_[static_cast<std::size_t>(groups_.group_of[static_cast<std::size_t>(unit)])];
  }
  bool removable(int unit) { return left_of(unit) > 1; }
  void remove(int unit) {
    gone_[static_cast<std::size_t>(unit)] = true;
    --left_of(unit);
  }

  const graph::Graph& graph_;
  const ChannelGroups& groups_;
  std::vector<double> scores_;
  std::vector<bool> gone_;
  std::vector<std::size_t> left_;  // units, of every group
};

int node_called(const std::string& name, const graph::Graph& graph, const ChannelGroups& groups) {
  const auto found = std::ranges::find(graph.nodes, name, &graph::Node::name);
  if (found != graph.nodes.end()) return static_cast<int>(found - graph.nodes.begin());
  std::vector<std::string> known;
  for (const ChannelGroup& group : groups.groups) {
    for (const int n : group.producers)
      known.push_back(graph.nodes[static_cast<std::size_t>(n)].name);
  }
  fail(ErrorCode::bad_config, "pruning: no convolution '{}'{}", name, did_you_mean(name, known));
}

// The one group whose channels the node gives.
int group_given_by(int node, const graph::Graph& graph, const ChannelGroups& groups) {
  const std::string& name = graph.nodes[static_cast<std::size_t>(node)].name;
  std::vector<int> given;
  for (std::size_t g = 0; g < groups.groups.size(); ++g) {
    const auto& producers = groups.groups[g].producers;
    if (std::ranges::find(producers, node) != producers.end()) given.push_back(static_cast<int>(g));
  }
  if (given.empty()) {
    fail(ErrorCode::bad_config, "pruning: the channels of '{}' cannot be removed", name);
  }
  if (given.size() > 1) {
    fail(ErrorCode::bad_config,
         "pruning: the channels of '{}' belong to {} groups; name the convolutions it is added to",
         name, given.size());
  }
  return given.front();
}

// How many units stay of every group that `keep` names.
std::map<int, std::size_t> counts_of(const graph::Graph& graph, const ChannelGroups& groups,
                                     const std::vector<Keep>& keep) {
  std::map<int, std::size_t> counts;
  for (const auto& [name, channels] : keep) {
    const int group = group_given_by(node_called(name, graph, groups), graph, groups);
    const std::size_t all = groups.groups[static_cast<std::size_t>(group)].units.size();
    const auto count = static_cast<std::size_t>(channels);
    if (channels < 1 || count > all) {
      fail(ErrorCode::bad_config, "pruning: {} channels of '{}' cannot stay, it has {}", channels,
           name, all);
    }
    if (counts.try_emplace(group, count).first->second != count) {
      fail(ErrorCode::bad_config,
           "pruning: '{}' must keep as many channels as the layers that it is added to", name);
    }
  }
  return counts;
}

}  // namespace

std::vector<bool> units_to_remove(const graph::Graph& graph, const ChannelGroups& groups,
                                  const std::vector<double>& scores, const PruneOptions& options,
                                  bool comparable) {
  Selection selection(graph, groups, scores);
  if (!options.keep.empty()) {
    for (const auto& [group, count] : counts_of(graph, groups, options.keep)) {
      selection.shrink(group, count);
    }
    return std::move(selection).gone();
  }
  if (options.scope == PruneScope::uniform) {
    for (std::size_t g = 0; g < groups.groups.size(); ++g) {
      const auto units = static_cast<double>(groups.groups[g].units.size());
      selection.shrink(static_cast<int>(g), static_cast<std::size_t>(std::max(
                                                1.0, std::round((1 - options.ratio) * units))));
    }
    return std::move(selection).gone();
  }
  if (!comparable) selection.divide_by_group_means();
  if (options.scope == PruneScope::global) {
    selection.shrink_all(options.ratio);
  } else {
    selection.shrink_macs(options.ratio);
  }
  return std::move(selection).gone();
}

}  // namespace edgeproof::compress
