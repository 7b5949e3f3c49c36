#pragma once

// What a search may choose: how many channels of each group of layers stay, and how many bits each
// layer's weights have.

#include <cstdint>
#include <string>
#include <vector>

#include "compress/prune.h"
#include "compress/weight_bits.h"
#include "experiment/search_strategy.h"
#include "graph/graph.h"

namespace edgeproof::experiment {

// What a candidate takes as an integer program, known before it is trained.
struct SearchCost {
  std::int64_t weight_bytes = 0;  // weights, biases, scales: flash besides the code
  std::int64_t arena_bytes = 0;   // activations: RAM
  std::int64_t macs = 0;
};

class SearchSpace {
 public:
  // Of an FP32 network. Error bad_config if none of its channels can be removed, unsupported if
  // they are tied in ways that no convolution's name can stand for.
  explicit SearchSpace(const graph::Graph& network);

  // One gene for each group of channels: eighths of them that stay, 1 to 8; then one for each layer
  // with weights: 2, 4 or 8 bits.
  const std::vector<int>& sizes() const { return sizes_; }

  // The same share of every group and the same bits everywhere.
  Genome uniform(int eighths, int bits) const;

  std::vector<compress::Keep> keep(const Genome& genome) const;
  compress::WeightBits bits(const Genome& genome) const;
  // As parameters of a recipe: "conv1:16 conv2:24" and "8 conv1:4".
  std::string keep_text(const Genome& genome) const;
  std::string bits_text(const Genome& genome) const;

  // The candidate's integer program, with weights that mean nothing.
  graph::Graph shape(const Genome& genome) const;
  SearchCost cost(const Genome& genome) const;

 private:
  graph::Graph network_;
  compress::ChannelGroups groups_;
  std::vector<std::string> group_names_, layers_;
  std::vector<int> sizes_;
};

}  // namespace edgeproof::experiment
