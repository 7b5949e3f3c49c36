#pragma once

// The models of a study: training them, and deploying them.

#include <map>
#include <string>

#include "engine/model_source.h"
#include "engine/steps.h"
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

// Makes what the job asks for, from what it needs, which must be in `models`.
store::TrainedModel train_model(const experiment::Materials& materials, const ModelSource& models,
                                const store::JobId& job, const OnEpoch& on_epoch);
store::DeployedModel deploy_model(const experiment::Materials& materials, const ModelSource& models,
                                  const store::JobId& job);

// The FP32 graph that an integer variant was quantized from: BatchNorm folded, and equalized if the
// recipe says so.
graph::Graph fp32_counterpart(const experiment::Materials& materials, const ModelSource& models,
                              const experiment::Variant& variant, std::int64_t seed);

// What goes into the files of all deployed models besides their networks (formats/metadata.h): the
// pipeline, the data and recordings that they were trained on and, if there is one, the model file
// that training started from. What differs between them, and the configuration, is in the store.
std::map<std::string, std::string> metadata_of(const experiment::Materials& materials,
                                               const std::string& parent_checksum = {});

}  // namespace edgeproof::engine
