#pragma once

// What pruning removes: a share of the channels, chosen within a scope, or counts that stay.

#include <string>
#include <vector>

namespace edgeproof::compress {

enum class PruneScope {
  uniform,  // every group of layers loses the same share of its channels
  global,   // the least important channels of the whole network go
  macs,  // those of least importance for each multiply-accumulate that they cost, until the share
         // of multiply-accumulates is gone: latency on a microcontroller follows these
};

// In the order of PruneScope: the words of a configuration.
const std::vector<std::string>& prune_scope_names();

// How many channels of a convolution, and so of its group, stay.
struct Keep {
  std::string node;
  int channels = 0;
};

struct PruneOptions {
  double ratio = 0.5;  // share of channels (macs: of multiply-accumulates) to remove, [0, 1)
  PruneScope scope = PruneScope::uniform;
  std::vector<Keep> keep = {};  // not empty: these counts instead of a ratio; other groups stay
};

}  // namespace edgeproof::compress
