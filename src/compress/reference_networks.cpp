#include "compress/reference_networks.h"

#include <cmath>

#include "compress/calibrate.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "core/random.h"
#include "core/text.h"
#include "graph/fold.h"
#include "graph/zoo.h"

namespace edgeproof::compress {
namespace {

void fill(std::vector<float>& values, const CounterRng& rng, std::uint32_t stream, double sd) {
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(sd * rng.normal(stream, i));
  }
}

graph::Graph architecture(const std::string& name) {
  if (name == "r1") return graph::cnn({.input = {128, 9}, .classes = 6});
  if (name == "r2") return graph::ds_cnn({.input = {128, 9}, .classes = 6});
  if (name == "r3") return graph::wdcnn({.input = {2048, 1}, .classes = 10});
  if (name == "resnet1d") return graph::resnet1d({.input = {128, 9}, .classes = 6});
  if (name == "tcn") return graph::tcn({.input = {128, 9}, .classes = 6});
  if (name == "inception") return graph::inception({.input = {128, 9}, .classes = 6});
  fail(ErrorCode::bad_config, "reference network '{}' is not known{}", name,
       did_you_mean(name, reference_networks()));
}

}  // namespace

graph::Graph reference_network(const std::string& name, bool int8) {
  graph::Graph graph = graph::fold(architecture(name));
  const CounterRng rng(1, "reference networks");
  std::uint32_t stream = 0;
  for (graph::Node& node : graph.nodes) {
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    auto& w = std::get<graph::FloatWeights>(*weights);
    const double fan_in = static_cast<double>(w.values.size()) / static_cast<double>(w.bias.size());
    fill(w.values, rng, stream++, std::sqrt(2 / fan_in));
    fill(w.bias, rng, stream++, 0.1);
  }
  if (!int8) return graph;
  const graph::Shape in = graph.input_shape();
  signal::WindowSet windows{.count = 8, .length = in.length, .channels = in.channels};
  windows.values.resize(static_cast<std::size_t>(windows.count) * in.size());
  fill(windows.values, rng, stream, 1);
  return quantize(calibrate(graph, windows, {}));
}

std::span<const std::string> reference_networks() {
  static const std::vector<std::string> names = {"r1", "r2", "r3", "resnet1d", "tcn", "inception"};
  return names;
}

}  // namespace edgeproof::compress
