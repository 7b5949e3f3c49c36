#include "engine/model_source.h"

#include <fmt/format.h>

#include "formats/onnx.h"

namespace edgeproof::engine {

graph::Graph graph_of_training(const std::string& onnx, const std::string& training,
                               std::int64_t seed) {
  return formats::from_onnx(
             onnx, fmt::format("model '{}' of seed {} in the result store", training, seed))
      .graph;
}

graph::Graph graph_of_variant(const std::string& onnx, const std::string& variant,
                              std::int64_t seed) {
  return formats::from_onnx(
             onnx, fmt::format("variant '{}' of seed {} in the result store", variant, seed))
      .graph;
}

ModelSource models_in(const store::Store& store, std::mutex& mutex) {
  return {.trained =
              [&](const std::string& training, std::int64_t seed) {
                std::unique_lock lock(mutex);
                const std::string onnx = store.trained(training, seed).onnx;
                lock.unlock();
                return graph_of_training(onnx, training, seed);
              },
          .deployed =
              [&](const std::string& variant, std::int64_t seed) {
                std::unique_lock lock(mutex);
                const std::string onnx = store.deployed(variant, seed).onnx;
                lock.unlock();
                return graph_of_variant(onnx, variant, seed);
              }};
}

}  // namespace edgeproof::engine
