#include "train/trainer.h"

#include "core/plugin.h"

namespace edgeproof::train {
namespace {

const Backend& backend() {
  return plugin_table<Backend>(
      {.name = "train", .purpose = "training networks", .packages = "LibTorch (libtorch-dev)"});
}

}  // namespace

const std::vector<std::string>& quantizer_names() {
  static const std::vector<std::string> names = {"ema", "lsq", "pact"};
  return names;
}

const std::vector<std::string>& divergence_names() {
  static const std::vector<std::string> names = {"forward", "reverse"};
  return names;
}

TrainResult train(const graph::Graph& start, const EpochWindows& epoch_windows,
                  const signal::WindowSet& validation, const TrainOptions& options,
                  const TrainWith& with) {
  return backend().run_training(start, epoch_windows, validation, options, with);
}

std::vector<std::int32_t> predict_labels(const graph::Graph& graph,
                                         const signal::WindowSet& windows, bool fake_quant) {
  return backend().predict(graph, windows, fake_quant);
}

compress::NodeScores taylor_scores(const graph::Graph& fp32, const signal::WindowSet& windows,
                                   int most) {
  return backend().score(fp32, windows, most);
}

}  // namespace edgeproof::train
