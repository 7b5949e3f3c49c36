#pragma once

// The pipeline that travels with a model: what a device does before the network, what the network's
// outputs mean, and where it all comes from. Kept in a model's metadata, one JSON value a key:
//
//   edgeproof.window      {"length": samples, "hop": samples}
//   edgeproof.rate_hz     number
//   edgeproof.channels    [{"name": text, "unit": text, "source": index}, …]   as signal::Channel;
//                         derived ones have "filter": text, too, or else are copies
//   edgeproof.statistics  {"mean": [per channel], "sd": [per channel]}
//   edgeproof.imputation  "hold", "linear", "mean" or "mask"
//   edgeproof.labels      [one per class]
//   edgeproof.provenance  {"data_checksum": text, "config": text, "seed": integer, "version": text}
//
// Numbers come back as the same floats, bit by bit. Functions are pure and thread-safe.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::formats {

struct Provenance {
  std::string data_checksum;
  std::string config;  // the configuration's text
  std::uint64_t seed = 0;
  std::string version;  // of edgeproof
  bool operator==(const Provenance&) const = default;
};

struct Deployment {
  int window_length = 0;  // samples
  int hop = 0;            // samples
  double rate_hz = 0;
  std::vector<signal::Channel> channels;
  signal::Pipeline pipeline;
  std::vector<std::string> labels;
  Provenance provenance;
};

// Error bad_input for a deployment that from_metadata() would refuse.
std::map<std::string, std::string> to_metadata(const Deployment& deployment);

// Other keys are left alone. Error bad_input, opening with `source_name` and naming the key, for
// one that is missing or wrong: lengths and the rate are positive, means finite, sd positive, and
// counts agree.
Deployment from_metadata(const std::map<std::string, std::string>& metadata,
                         const std::string& source_name);

// Error bad_input unless the network takes this deployment's windows and has an output per label.
void expect_fits(const Deployment& deployment, const graph::Graph& graph,
                 const std::string& source_name);

}  // namespace edgeproof::formats
