#pragma once

// What the classes of include/edgeproof/ hold, and how their values become those of the modules.
// For the files of this folder alone.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "edgeproof/faults.h"
#include "edgeproof/model.h"
#include "edgeproof/pipeline.h"
#include "edgeproof/plan.h"
#include "edgeproof/sensors.h"
#include "faults/expression.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "runtime/plan.h"
#include "signal/pipeline.h"

namespace edgeproof {

struct Model::Inside {
  std::string name;
  formats::Model model;  // valid
  std::optional<Pipeline> pipeline;
  std::vector<Layer> layers;
};

struct Plan::Inside {
  runtime::Plan plan;
};

struct Fault::Inside {
  faults::Fault fault;
};

namespace api {

// A model of a valid graph and its metadata. Error bad_input for metadata under "edgeproof." that
// is no pipeline, or does not fit the graph.
Model make_model(const std::string& name, formats::Model model);

// The instruction set that the options ask for: a name, so that no environment variable decides.
std::string instruction_set(const PlanOptions& options);

// Channels as the modules have them, kPhysical being their own index.
std::vector<signal::Channel> channels_of(const Sensors& sensors);

// Error bad_config, naming the channel, for one without statistics.
signal::Statistics statistics_of(const Sensors& sensors);

signal::Pipeline pipeline_of(const Pipeline& pipeline);

}  // namespace api
}  // namespace edgeproof
