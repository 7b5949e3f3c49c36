#include "experiment/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compress/quantize.h"
#include "core/error.h"
#include "core/text.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "runtime/plan.h"

namespace edgeproof::experiment {
namespace {

constexpr int kShares = 8;
constexpr std::array<int, 3> kBits = {2, 4, 8};

// A convolution that gives the group's channels and no other: its name stands for the group.
std::string name_of(const compress::ChannelGroup& group, const compress::ChannelGroups& groups,
                    const graph::Graph& network) {
  for (const int node : group.producers) {
    const auto gives = [node](const compress::ChannelGroup& other) {
      return std::ranges::find(other.producers, node) != other.producers.end();
    };
    if (std::ranges::count_if(groups.groups, gives) == 1) {
      return network.nodes[static_cast<std::size_t>(node)].name;
    }
  }
  fail(ErrorCode::unsupported,
       "search: the channels of '{}' are tied to several others in different ways",
       network.nodes[static_cast<std::size_t>(group.producers.front())].name);
}

}  // namespace

SearchSpace::SearchSpace(const graph::Graph& network)
    : network_(network), groups_(compress::channel_groups(network)) {
  if (groups_.groups.empty()) {
    fail(ErrorCode::bad_config, "search: no channels of the network can be removed");
  }
  for (const compress::ChannelGroup& group : groups_.groups) {
    group_names_.push_back(name_of(group, groups_, network));
  }
  for (const graph::Node& node : network.nodes) {
    if (graph::weights_of(node.op) != nullptr) layers_.push_back(node.name);
  }
  sizes_.assign(groups_.groups.size(), kShares);
  sizes_.insert(sizes_.end(), layers_.size(), static_cast<int>(kBits.size()));
}

Genome SearchSpace::uniform(int eighths, int bits) const {
  Genome genome(groups_.groups.size(), eighths - 1);
  const auto gene = std::ranges::find(kBits, bits) - kBits.begin();
  genome.insert(genome.end(), layers_.size(), static_cast<int>(gene));
  return genome;
}

std::vector<compress::Keep> SearchSpace::keep(const Genome& genome) const {
  std::vector<compress::Keep> keep;
  for (std::size_t g = 0; g < groups_.groups.size(); ++g) {
    const double share = static_cast<double>(genome[g] + 1) / kShares;
    const auto units = static_cast<double>(groups_.groups[g].units.size());
    keep.push_back({group_names_[g], std::max(1, static_cast<int>(std::lround(share * units)))});
  }
  return keep;
}

compress::WeightBits SearchSpace::bits(const Genome& genome) const {
  compress::WeightBits bits(kBits.back());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    bits.of_layer[layers_[l]] = kBits[static_cast<std::size_t>(genome[groups_.groups.size() + l])];
  }
  return bits;
}

std::string SearchSpace::keep_text(const Genome& genome) const {
  std::vector<std::string> texts;
  for (const auto& [node, channels] : keep(genome)) {
    texts.push_back(fmt::format("{}:{}", node, channels));
  }
  return join(texts, " ");
}

std::string SearchSpace::bits_text(const Genome& genome) const {
  const compress::WeightBits all = bits(genome);
  std::vector<std::string> texts{fmt::format("{}", all.all)};
  for (const std::string& layer : layers_) {
    if (all.of(layer) != all.all) texts.push_back(fmt::format("{}:{}", layer, all.of(layer)));
  }
  return join(texts, " ");
}

graph::Graph SearchSpace::shape(const Genome& genome) const {
  const std::vector<double> scores(groups_.units(), 1);
  graph::Graph graph =
      graph::fold(compress::prune_channels(network_, groups_, scores, {.keep = keep(genome)}));
  for (graph::Node& node : graph.nodes) node.quantization = graph::Quantization{1, 0};
  return compress::quantize(graph, {.weight_bits = bits(genome)});
}

SearchCost SearchSpace::cost(const Genome& genome) const {
  const graph::Graph graph = shape(genome);
  return {graph::weight_bytes(graph), static_cast<std::int64_t>(runtime::Plan(graph).arena_bytes()),
          graph::macs(graph)};
}

}  // namespace edgeproof::experiment
