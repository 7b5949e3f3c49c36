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
//   edgeproof.provenance  where it comes from; may be left out (provenance.h)
//   edgeproof.trained_on  digests of the recordings that it was trained on; may be left out
//                         (trained_on.h)
//
// Numbers come back as the same floats, bit by bit. Functions are pure and thread-safe.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/provenance.h"
#include "formats/trained_on.h"
#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::formats {

struct Deployment {
  int window_length = 0;  // samples
  int hop = 0;            // samples
  double rate_hz = 0;
  std::vector<signal::Channel> channels;
  signal::Pipeline pipeline;
  std::vector<std::string> labels;
  Provenance provenance = {};                // empty: the file says nothing
  std::optional<TrainedOn> trained_on = {};  // nothing: the file does not say
};

// What a file with so much provenance carries of it. `full` keeps the text of the configuration;
// `brief` has its checksum instead; `none` leaves what it takes to run the model.
Deployment with_provenance(Deployment deployment, ProvenanceDetail detail);

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
