#pragma once

// The models that jobs are made from, wherever they come from.

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "graph/graph.h"
#include "store/store.h"

namespace edgeproof::engine {

// Finds models that have been made already, by the name of a training or of a variant. Several
// threads may call it at once.
struct ModelSource {
  std::function<graph::Graph(const std::string& training, std::int64_t seed)> trained;
  std::function<graph::Graph(const std::string& variant, std::int64_t seed)> deployed;
};

// Reads the models of a store, holding the mutex that guards it. Both must outlive what is
// returned. Errors as of Store::trained() and Store::deployed().
ModelSource models_in(const store::Store& store, std::mutex& mutex);

// The graph in a model's ONNX file, as a store or another rank has it. Error bad_input that names
// the model.
graph::Graph graph_of_training(const std::string& onnx, const std::string& training,
                               std::int64_t seed);
graph::Graph graph_of_variant(const std::string& onnx, const std::string& variant,
                              std::int64_t seed);

}  // namespace edgeproof::engine
