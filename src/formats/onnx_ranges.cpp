// Scales are written as the shortest decimals of their double values, which nlohmann_json
// guarantees to read back exactly; float to double and back is exact too.

#include "formats/onnx_ranges.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace edgeproof::formats {
namespace {

using nlohmann::json;

bool fits(const graph::Quantization& q) {
  return std::isfinite(q.scale) && q.scale > 0 && q.bits >= 2 && q.bits <= 8 &&
         q.zero_point >= q.lowest() && q.zero_point <= q.highest();
}

std::optional<graph::Quantization> quantization_from(const json& value) {
  if (!value.is_array() || value.size() < 2 || value.size() > 3 || !value[0].is_number()) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < value.size(); ++i) {
    if (!value[i].is_number_integer()) return std::nullopt;
    const auto whole = value[i].get<double>();  // up to 2^64, which int64 would wrap
    if (whole < -128 || whole > 127) return std::nullopt;
  }
  graph::Quantization q{static_cast<float>(value[0].get<double>()), value[1].get<std::int32_t>()};
  if (value.size() == 3) q.bits = value[2].get<int>();
  return fits(q) ? std::optional(q) : std::nullopt;
}

std::optional<std::string> dumped(const json& object, const graph::Graph& graph) {
  if (object.empty()) return std::nullopt;
  try {
    return object.dump();
  } catch (const json::type_error&) {
    fail(ErrorCode::bad_input, "graph '{}': a node's name is not UTF-8", graph.name);
  }
}

// Calls set(node, value) for each entry of a JSON object of nodes.
template <typename Set>
void for_each_node(graph::Graph& graph, const std::string& json_text, const char* key,
                   const std::string& source, const Set& set) {
  const json object = json::parse(json_text, nullptr, false);
  if (!object.is_object()) {
    fail(ErrorCode::bad_input, "{}: metadata '{}' is not a JSON object", source, key);
  }
  std::map<std::string, graph::Node*> nodes;
  for (graph::Node& node : graph.nodes) nodes[node.name] = &node;
  for (const auto& [name, value] : object.items()) {
    const auto node = nodes.find(name);
    if (node == nodes.end()) {
      fail(ErrorCode::bad_input, "{}: metadata '{}' names the node '{}', which is not in the graph",
           source, key, name);
    }
    set(*node->second, value);
  }
}

std::optional<graph::WeightGrid> grid_from(const json& value) {
  const auto is_number = [](const json& v) { return v.is_number(); };
  if (!value.is_array() || value.empty() || !value[0].is_number_unsigned() ||
      value[0].get<std::uint64_t>() > 8 || !std::all_of(value.begin(), value.end(), is_number)) {
    return std::nullopt;
  }
  graph::WeightGrid grid{value[0].get<int>(), {}};
  for (std::size_t c = 1; c < value.size(); ++c) {
    grid.steps.push_back(static_cast<float>(value[c].get<double>()));
  }
  return grid;
}

}  // namespace

std::optional<std::string> ranges_to_json(const graph::Graph& graph) {
  json ranges = json::object();
  const bool int8 = graph::is_int8(graph);
  for (const graph::Node& node : graph.nodes) {
    if (!node.quantization || (int8 && node.quantization->bits == 8)) continue;
    const graph::Quantization& q = *node.quantization;
    if (!fits(q)) {
      fail(ErrorCode::bad_input,
           "node '{}': quantization with scale {}, zero point {} and {} bits; expected a positive "
           "finite scale and a zero point that so many bits can hold",
           node.name, q.scale, q.zero_point, q.bits);
    }
    json& values = ranges[node.name] = {double{q.scale}, q.zero_point};
    if (q.bits < 8) values.push_back(q.bits);
  }
  return dumped(ranges, graph);
}

graph::Graph with_ranges(graph::Graph graph, const std::string& json_text,
                         const std::string& source) {
  for_each_node(graph, json_text, kRangesKey, source, [&](graph::Node& node, const json& value) {
    const auto q = quantization_from(value);
    if (!q) {
      fail(ErrorCode::bad_input,
           "{}: metadata '{}', node '{}': expected [scale, zero_point] or [scale, zero_point, "
           "bits], "
           "with a positive finite scale and a zero point that so many bits can hold",
           source, kRangesKey, node.name);
    }
    if (node.quantization &&
        (node.quantization->scale != q->scale || node.quantization->zero_point != q->zero_point)) {
      fail(ErrorCode::bad_input,
           "{}: metadata '{}' and the QuantizeLinear of node '{}' say different things", source,
           kRangesKey, node.name);
    }
    node.quantization = q;
  });
  return graph;
}

std::optional<std::string> grids_to_json(const graph::Graph& graph) {
  json grids = json::object();
  for (const graph::Node& node : graph.nodes) {
    const graph::Weights* weights = graph::weights_of(node.op);
    const auto* w = weights == nullptr ? nullptr : std::get_if<graph::FloatWeights>(weights);
    if (w == nullptr || !w->grid) continue;
    json& values = grids[node.name] = {w->grid->bits};
    for (const float step : w->grid->steps) values.push_back(double{step});
  }
  return dumped(grids, graph);
}

graph::Graph with_grids(graph::Graph graph, const std::string& json_text,
                        const std::string& source) {
  for_each_node(graph, json_text, kGridsKey, source, [&](graph::Node& node, const json& value) {
    graph::Weights* weights = graph::weights_of(node.op);
    auto* w = weights == nullptr ? nullptr : std::get_if<graph::FloatWeights>(weights);
    const auto grid = grid_from(value);
    if (w == nullptr || !grid) {
      fail(ErrorCode::bad_input,
           "{}: metadata '{}', node '{}': expected [bits, step, ...] of a layer with FP32 weights",
           source, kGridsKey, node.name);
    }
    w->grid = grid;
  });
  return graph;
}

}  // namespace edgeproof::formats
