// Scales are written as the shortest decimals of their double values, which nlohmann_json
// guarantees to read back exactly; float to double and back is exact too. Test:
// onnx_ranges_test.cpp.

#include "formats/onnx_ranges.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace edgeproof::formats {
namespace {

using nlohmann::json;

bool fits_int8(const graph::Quantization& q) {
  return std::isfinite(q.scale) && q.scale > 0 && q.zero_point >= -128 && q.zero_point <= 127;
}

std::optional<graph::Quantization> quantization_from(const json& value) {
  if (!value.is_array() || value.size() != 2 || !value[0].is_number() ||
      !value[1].is_number_integer()) {
    return std::nullopt;
  }
  const auto zero_point = value[1].get<double>();  // up to 2^64, which int64 would wrap
  if (zero_point < -128 || zero_point > 127) return std::nullopt;
  const graph::Quantization q{static_cast<float>(value[0].get<double>()),
                              static_cast<std::int32_t>(zero_point)};
  return fits_int8(q) ? std::optional(q) : std::nullopt;
}

}  // namespace

std::optional<std::string> ranges_to_json(const graph::Graph& graph) {
  json ranges = json::object();
  for (const graph::Node& node : graph.nodes) {
    if (!node.quantization) continue;
    if (!fits_int8(*node.quantization)) {
      fail(ErrorCode::bad_input,
           "node '{}': quantization with scale {} and zero point {}; expected a positive finite "
           "scale and a zero point in [-128, 127]",
           node.name, node.quantization->scale, node.quantization->zero_point);
    }
    ranges[node.name] = {double{node.quantization->scale}, node.quantization->zero_point};
  }
  if (ranges.empty()) return std::nullopt;
  try {
    return ranges.dump();
  } catch (const json::type_error&) {
    fail(ErrorCode::bad_input, "graph '{}': a node's name is not UTF-8", graph.name);
  }
}

graph::Graph with_ranges(graph::Graph graph, const std::string& json_text,
                         const std::string& source) {
  const json ranges = json::parse(json_text, nullptr, false);
  if (!ranges.is_object()) {
    fail(ErrorCode::bad_input, "{}: metadata '{}' is not a JSON object", source, kRangesKey);
  }
  std::map<std::string, graph::Node*> nodes;
  for (graph::Node& node : graph.nodes) nodes[node.name] = &node;
  for (const auto& [name, value] : ranges.items()) {
    const auto node = nodes.find(name);
    if (node == nodes.end()) {
      fail(ErrorCode::bad_input, "{}: metadata '{}' names the node '{}', which is not in the graph",
           source, kRangesKey, name);
    }
    const auto q = quantization_from(value);
    if (!q) {
      fail(
          ErrorCode::bad_input,
          "{}: metadata '{}', node '{}': expected [scale, zero_point] with a positive finite scale "
          "and a zero point in [-128, 127]",
          source, kRangesKey, name);
    }
    if (node->second->quantization && node->second->quantization != q) {
      fail(ErrorCode::bad_input,
           "{}: metadata '{}' and the QuantizeLinear of node '{}' say different things", source,
           kRangesKey, name);
    }
    node->second->quantization = q;
  }
  return graph;
}

}  // namespace edgeproof::formats
