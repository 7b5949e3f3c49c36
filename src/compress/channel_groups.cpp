// Every channel gets a variable of its own where it is made; additions unite variables. What is
// united at the end is a unit.

#include "compress/channel_groups.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

// Sets of variables that unite (Tarjan 1975); the smallest variable names its set.
class Sets {
 public:
  int add() {
    parent_.push_back(static_cast<int>(parent_.size()));
    return parent_.back();
  }
  int find(int v) {
    auto& parent = parent_[static_cast<size_t>(v)];
    return parent == v ? v : parent = find(parent);
  }
  void unite(int a, int b) {
    const int x = find(a), y = find(b);
    parent_[static_cast<size_t>(std::max(x, y))] = std::min(x, y);
  }

 private:
  std::vector<int> parent_;
};

using Variables = std::vector<int>;  // per channel

class Tracer {
 public:
  explicit Tracer(const graph::Graph& graph) : graph_(graph), shapes_(graph::infer_shapes(graph)) {
    for (size_t n = 0; n < graph.nodes.size(); ++n) of_node_.push_back(trace(n));
    fix(of_node_.back());
  }

  ChannelGroups groups() {
    ChannelGroups result;
    std::map<int, std::vector<int>> producers;  // of every set of variables that may go
    for (const int n : convolutions_) {
      for (const int v : of_node_[static_cast<size_t>(n)]) {
        auto& nodes = producers[sets_.find(v)];
        if (nodes.empty() || nodes.back() != n) nodes.push_back(n);
      }
    }
    std::map<int, int> unit_of_set;
    std::map<std::vector<int>, int> group_of_producers;
    const int fixed = sets_.find(fixed_);
    for (const auto& [set, nodes] : producers) {
      if (set == fixed) continue;
      const int unit = static_cast<int>(unit_of_set.size());
      unit_of_set[set] = unit;
      const auto [group, is_new] =
          group_of_producers.try_emplace(nodes, static_cast<int>(result.groups.size()));
      if (is_new) result.groups.push_back({nodes, {}});
      result.groups[static_cast<size_t>(group->second)].units.push_back(unit);
      result.group_of.push_back(group->second);
    }
    for (const Variables& variables : of_node_) {
      auto& units = result.unit_of.emplace_back();
      for (const int v : variables) {
        const auto found = unit_of_set.find(sets_.find(v));
        units.push_back(found == unit_of_set.end() ? ChannelGroups::kFixed : found->second);
      }
    }
    return result;
  }

 private:
  Variables fresh(int count) {
    Variables variables;
    for (int c = 0; c < count; ++c) variables.push_back(sets_.add());
    return variables;
  }

  void fix(const Variables& variables) {
    for (const int v : variables) sets_.unite(v, fixed_);
  }

  Variables trace(size_t n) {
    const graph::Node& node = graph_.nodes[n];
    const int channels = shapes_[n].channels;
    if (node.inputs.empty()) return Variables(static_cast<size_t>(channels), fixed_);
    const Variables& in = of_node_[static_cast<size_t>(node.inputs[0])];
    if (const auto* conv = std::get_if<graph::Conv1d>(&node.op)) return trace(*conv, n, in);
    if (std::holds_alternative<graph::Dense>(node.op)) return fresh(channels);
    Variables out = in;
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      const Variables& other = of_node_[static_cast<size_t>(node.inputs[i])];
      if (std::holds_alternative<graph::Concat>(node.op)) {
        out.insert(out.end(), other.begin(), other.end());
      } else {
        for (size_t c = 0; c < out.size(); ++c) sets_.unite(out[c], other[c]);
      }
    }
    return out;
  }

  Variables trace(const graph::Conv1d& conv, size_t n, const Variables& in) {
    if (conv.groups == 1) {
      convolutions_.push_back(static_cast<int>(n));
      return fresh(conv.out_channels);
    }
    if (conv.groups != static_cast<int>(in.size())) {
      fix(in);
      return Variables(static_cast<size_t>(conv.out_channels), fixed_);
    }
    Variables out;
    const size_t multiplier = static_cast<size_t>(conv.out_channels) / in.size();
    for (const int v : in) out.insert(out.end(), multiplier, v);
    return out;
  }

  const graph::Graph& graph_;
  std::vector<graph::Shape> shapes_;
  Sets sets_;
  int fixed_ = sets_.add();  // the smallest of all, so that it names its set
  std::vector<Variables> of_node_;
  std::vector<int> convolutions_;  // the full ones
};

}  // namespace

ChannelGroups channel_groups(const graph::Graph& graph) {
  graph::validate(graph);
  return Tracer(graph).groups();
}

}  // namespace edgeproof::compress
