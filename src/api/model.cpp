#include "edgeproof/model.h"

#include <algorithm>

#include "api/inside.h"
#include "core/error.h"
#include "core/files.h"
#include "graph/cost.h"
#include "graph/shapes.h"

namespace edgeproof {
namespace {

Shape public_shape(const graph::Shape& shape) {
  return {shape.length, shape.channels};
}

std::vector<Layer> layers_of(const graph::Graph& graph) {
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  const std::vector<std::int64_t> macs = graph::macs_per_node(graph);
  std::vector<Layer> layers;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const graph::Node& node = graph.nodes[n];
    layers.push_back({.name = node.name,
                      .operation = std::string(graph::op_name(node.op)),
                      .output = public_shape(shapes[n]),
                      .macs = macs[n],
                      .weight_bytes = graph::weight_bytes(node)});
  }
  return layers;
}

Pipeline public_pipeline(const formats::Deployment& deployment) {
  Pipeline pipeline{.window_length = deployment.window_length,
                    .hop = deployment.hop,
                    .sensors = {.rate_hz = deployment.rate_hz},
                    .imputation = static_cast<Imputation>(deployment.pipeline.imputation),
                    .labels = deployment.labels,
                    .provenance = {.data_checksum = deployment.provenance.data_checksum,
                                   .config = deployment.provenance.config,
                                   .seed = deployment.provenance.seed,
                                   .version = deployment.provenance.version,
                                   .variant = deployment.provenance.variant,
                                   .recipe = deployment.provenance.recipe,
                                   .config_checksum = deployment.provenance.config_checksum,
                                   .parent_checksum = deployment.provenance.parent_checksum}};
  const signal::Statistics& statistics = deployment.pipeline.statistics;
  for (std::size_t c = 0; c < deployment.channels.size(); ++c) {
    const signal::Channel& channel = deployment.channels[c];
    const bool physical = channel.source == static_cast<int>(c);
    pipeline.sensors.channels.push_back(
        {.name = channel.name,
         .unit = channel.unit,
         .source = physical ? kPhysical : channel.source,
         .statistics = Statistics{statistics.mean[c], statistics.sd[c]},
         .filter = {static_cast<FilterKind>(channel.filter.kind), channel.filter.order,
                    channel.filter.hz}});
  }
  return pipeline;
}

formats::Deployment deployment_of(const Pipeline& pipeline) {
  return {.window_length = pipeline.window_length,
          .hop = pipeline.hop,
          .rate_hz = pipeline.sensors.rate_hz,
          .channels = api::channels_of(pipeline.sensors),
          .pipeline = api::pipeline_of(pipeline),
          .labels = pipeline.labels,
          .provenance = {.data_checksum = pipeline.provenance.data_checksum,
                         .config = pipeline.provenance.config,
                         .seed = pipeline.provenance.seed,
                         .version = pipeline.provenance.version,
                         .variant = pipeline.provenance.variant,
                         .recipe = pipeline.provenance.recipe,
                         .config_checksum = pipeline.provenance.config_checksum,
                         .parent_checksum = pipeline.provenance.parent_checksum}};
}

}  // namespace

Model api::make_model(const std::string& name, formats::Model model) {
  auto inside = std::make_shared<Model::Inside>();
  inside->name = name;
  const bool has_pipeline = std::ranges::any_of(
      model.metadata, [](const auto& entry) { return entry.first.starts_with("edgeproof."); });
  if (has_pipeline) {
    const formats::Deployment deployment = formats::from_metadata(model.metadata, name);
    formats::expect_fits(deployment, model.graph, name);
    inside->pipeline = public_pipeline(deployment);
  }
  inside->layers = layers_of(model.graph);
  inside->model = std::move(model);
  return Model(std::move(inside));
}

Model Model::load(const std::filesystem::path& file) {
  return parse(read_file(file), file.string(), std::filesystem::absolute(file).parent_path());
}

Model Model::parse(std::string_view onnx, const std::string& name,
                   const std::filesystem::path& folder) {
  return api::make_model(name, formats::from_onnx(onnx, name, folder));
}

Model Model::with_pipeline(const Pipeline& pipeline) const {
  formats::Model model = inside_->model;
  model.metadata.erase("edgeproof.provenance");  // an empty one is not written
  for (auto& [key, value] : formats::to_metadata(deployment_of(pipeline))) {
    model.metadata[key] = value;
  }
  return api::make_model(inside_->name, std::move(model));
}

const std::string& Model::name() const {
  return inside_->name;
}
Shape Model::input_shape() const {
  return inside_->layers.front().output;
}
Shape Model::output_shape() const {
  return inside_->layers.back().output;
}
int Model::outputs() const {
  return output_shape().size();
}
bool Model::is_int8() const {
  return graph::is_int8(inside_->model.graph);
}
std::span<const Layer> Model::layers() const {
  return inside_->layers;
}
const std::optional<Pipeline>& Model::pipeline() const {
  return inside_->pipeline;
}
std::span<const std::string> Model::left_out() const {
  return inside_->model.left_out;
}

Cost Model::cost() const {
  const graph::Graph& graph = inside_->model.graph;
  return {.macs = graph::macs(graph),
          .weight_bytes = graph::weight_bytes(graph),
          .arena_bytes = runtime::Plan(graph, {.isa = api::instruction_set({})}).arena_bytes()};
}

}  // namespace edgeproof
