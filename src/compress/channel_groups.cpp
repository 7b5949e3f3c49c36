// Every channel gets a variable of its own where it is made; additions unite variables. What is
// united at the end is a unit.

#include "compress/channel_groups.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "graph/shapes.h"
#include "graph/traits.h"

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
    auto& parent = parent_[static_cast<std::size_t>(v)];
    return parent == v ? v : parent = find(parent);
  }
  void unite(int a, int b) {
    const int x = find(a), y = find(b);
    parent_[static_cast<std::size_t>(std::max(x, y))] = std::min(x, y);
  }

 private:
  std::vector<int> parent_;
};

using Variables = std::vector<int>;  // per channel

class Tracer {
 public:
  explicit Tracer(const graph::Graph& graph) : graph_(graph), shapes_(graph::infer_shapes(graph)) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      of_node_.push_back(std::visit(Trace{*this, n}, graph.nodes[n].op));
    }
    fix(of_node_.back());
  }

  ChannelGroups groups() {
    ChannelGroups result;
    std::map<int, std::vector<int>> producers;  // of every set of variables that may go
    for (const int n : convolutions_) {
      for (const int v : of_node_[static_cast<std::size_t>(n)]) {
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
      result.groups[static_cast<std::size_t>(group->second)].units.push_back(unit);
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

  // The variables of a node's channels, by operation.
  struct Trace {
    Tracer& tracer;
    std::size_t node;

    Variables operator()(const graph::Input&) const {
      return Variables(static_cast<std::size_t>(channels()), tracer.fixed_);
    }
    Variables operator()(const graph::Conv1d& conv) const {
      const Variables in = input(0);
      if (conv.groups == 1) {
        tracer.convolutions_.push_back(static_cast<int>(node));
        return tracer.fresh(conv.out_channels);
      }
      if (conv.groups != static_cast<int>(in.size())) {
        tracer.fix(in);
        return Variables(static_cast<std::size_t>(conv.out_channels), tracer.fixed_);
      }
      Variables out;
      const std::size_t multiplier = static_cast<std::size_t>(conv.out_channels) / in.size();
      for (const int v : in) out.insert(out.end(), multiplier, v);
      return out;
    }
    Variables operator()(const graph::Dense&) const { return tracer.fresh(channels()); }
    Variables operator()(const graph::Concat&) const {
      Variables out;
      for (std::size_t i = 0; i < inputs(); ++i) {
        const Variables in = input(i);
        out.insert(out.end(), in.begin(), in.end());
      }
      return out;
    }
    template <graph::OneOf<graph::Add, graph::Mul> Join>
    Variables operator()(const Join&) const {
      Variables out = input(0);
      const Variables other = input(1);
      for (std::size_t c = 0; c < out.size(); ++c) tracer.sets_.unite(out[c], other[c]);
      return out;
    }
    // Every channel of the output is one of the input.
    template <graph::OneOf<graph::BatchNorm, graph::Relu, graph::MaxPool, graph::AveragePool,
                           graph::GlobalAveragePool, graph::Elementwise>
                  Operation>
    Variables operator()(const Operation&) const {
      return input(0);
    }

    int channels() const { return tracer.shapes_[node].channels; }
    std::size_t inputs() const { return tracer.graph_.nodes[node].inputs.size(); }
    const Variables& input(std::size_t which) const {
      return tracer.of_node_[static_cast<std::size_t>(tracer.graph_.nodes[node].inputs[which])];
    }
  };

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
