#pragma once

// The models of a study: training them, and deploying them.

#include <functional>
#include <map>
#include <string>

#include "experiment/materials.h"
#include "experiment/variants.h"
#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"
#include "store/store.h"

namespace edgeproof::engine {

// Error bad_config if the network or its training does not fit the data: before anything is
// written.
void check_models(const experiment::Materials& materials);

// Where the ONNX files of models that are made already come from. May be called by several threads
// at once.
struct ModelSource {
  std::function<std::string(const std::string& training, std::int64_t seed)> trained;
  std::function<std::string(const std::string& variant, std::int64_t seed)> deployed;
};

// Makes what the job is to make; what it needs must be in `models`.
store::TrainedModel train_model(const experiment::Materials& materials, const ModelSource& models,
                                const store::JobId& job,
                                const std::function<void(const train::EpochLog&)>& on_epoch);
store::DeployedModel deploy_model(const experiment::Materials& materials, const ModelSource& models,
                                  const store::JobId& job);

// The FP32 graph that an integer variant was quantized from, folded; equalized, if its recipe does
// that.
graph::Graph fp32_counterpart(const experiment::Materials& materials, const ModelSource& models,
                              const experiment::Variant& variant, std::int64_t seed);

// What goes into the file of a deployed model besides its network (formats/metadata.h): the
// pipeline, and where it all comes from, but for the seed.
std::map<std::string, std::string> metadata_of(const experiment::Materials& materials);

}  // namespace edgeproof::engine
