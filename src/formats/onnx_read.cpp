// What other tools write is brought into the form that Reader knows first (onnx_prepare.h). Which
// dimension of the input has the channels is not written in a model: every order that its rank
// allows is tried, [batch, channels, length] first, and the first that the whole model fits is it.
// Test: see onnx_reader.h.

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "formats/onnx.h"
#include "formats/onnx_external.h"
#include "formats/onnx_prepare.h"
#include "formats/onnx_proto.h"
#include "formats/onnx_ranges.h"
#include "formats/onnx_reader.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

constexpr int kOldestOpset = 11, kNewestOpset = 25;

// Calls a check of module graph, whose messages do not know the file.
template <typename Check>
auto checked(const std::string& source, Check check) {
  try {
    return check();
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", source, error.what());
  }
}

void expect_version(const onnx::ModelProto& model, const std::string& source) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() >= kOldestOpset && opset.version() <= kNewestOpset) return;
    fail(ErrorCode::unsupported, "{}: opset {}, expected {} to {}", source, opset.version(),
         kOldestOpset, kNewestOpset);
  }
  fail(ErrorCode::bad_input, "{}: does not say which opset it uses", source);
}

const onnx::ValueInfoProto& input_of(const onnx::GraphProto& graph, const std::string& source) {
  const onnx::ValueInfoProto* input = nullptr;
  for (const onnx::ValueInfoProto& info : graph.input()) {
    const auto is_same = [&](const auto& tensor) { return tensor.name() == info.name(); };
    if (std::ranges::any_of(graph.initializer(), is_same)) continue;
    if (input != nullptr) {
      fail(ErrorCode::unsupported, "{}: inputs '{}' and '{}', expected one", source, input->name(),
           info.name());
    }
    input = &info;
    if (graph.initializer_size() > 10'000) break;  // not one of ours, and quadratic
  }
  if (input == nullptr) fail(ErrorCode::bad_input, "{}: the graph has no input", source);
  return *input;
}

// All that the input's dimensions may be.
std::vector<Axes> input_axes(const onnx::ValueInfoProto& input, const std::string& source) {
  using enum Axis;
  const auto& tensor = input.type().tensor_type();
  const int rank = tensor.shape().dim_size();
  if (tensor.elem_type() != onnx::TensorProto::FLOAT || rank < 2 || rank > 4) {
    fail(ErrorCode::unsupported,
         "{}: input '{}' is {} with {} dimensions, expected FLOAT [batch, channels, length] (or "
         "[batch, length, channels], or two or four dimensions)",
         source, input.name(), type_name(tensor.elem_type()), rank);
  }
  std::vector<std::int64_t> sizes;
  for (int d = 1; d < rank; ++d) {
    sizes.push_back(tensor.shape().dim(d).dim_value());
    if (sizes.back() < 1 || sizes.back() > (1 << 20)) {
      fail(ErrorCode::bad_input,
           "{}: input '{}' has dimensions [batch, {}] (0: not fixed), expected 1 to {} each",
           source, input.name(), fmt::join(sizes, ", "), 1 << 20);
    }
  }
  if (rank == 2) return {{batch, channels}, {batch, length}};
  if (rank == 3) return {{batch, channels, length}, {batch, length, channels}};
  std::vector<Axes> orders;
  for (const Axes& order : {Axes{batch, channels, unit, length},
                            {batch, channels, length, unit},
                            {batch, unit, length, channels},
                            {batch, length, unit, channels},
                            {batch, unit, channels, length},
                            {batch, length, channels, unit}}) {
    const auto unit_at = std::ranges::find(order, unit) - order.begin() - 1;
    if (sizes[static_cast<std::size_t>(unit_at)] == 1) orders.push_back(order);
  }
  if (orders.empty()) {
    fail(ErrorCode::unsupported,
         "{}: input '{}' has dimensions [batch, {}], expected a 1-D network's: one of them 1",
         source, input.name(), fmt::join(sizes, ", "));
  }
  return orders;
}

// `model` gets its graph, and what was left out of it.
void read_graph(const onnx::GraphProto& onnx, bool is_ours, const std::string& source,
                Model& model) {
  std::vector<Axes> orders = input_axes(input_of(onnx, source), source);
  if (is_ours) orders.resize(1);
  std::optional<Error> error;  // of the order that came furthest
  int furthest = -1;
  for (const Axes& order : orders) {
    Reader reader(onnx, order, source);
    try {
      model.graph = reader.read();
      checked(source, [&model] { graph::validate(model.graph); });
      model.left_out = reader.left_out();
      return;
    } catch (const Error& found) {
      if (reader.nodes_read() > furthest) error = found;
      furthest = std::max(furthest, reader.nodes_read());
    }
  }
  throw *error;
}

}  // namespace

Model from_onnx(std::string_view bytes, const std::string& source_name,
                const std::filesystem::path& folder) {
  onnx::ModelProto onnx = parse_model(bytes, source_name);
  expect_version(onnx, source_name);
  if (!folder.empty()) load_external_data(onnx, folder, source_name);
  Model model;
  for (const onnx::StringStringEntryProto& entry : onnx.metadata_props()) {
    if (!model.metadata.emplace(entry.key(), entry.value()).second) {
      fail(ErrorCode::bad_input, "{}: metadata '{}' is there twice", source_name, entry.key());
    }
  }
  const bool is_ours = onnx.producer_name() == kProducer;
  if (!is_ours) prepare(*onnx.mutable_graph(), source_name);
  if (onnx.graph().output_size() != 1) {
    fail(ErrorCode::unsupported, "{}: {} outputs, expected one", source_name,
         onnx.graph().output_size());
  }
  read_graph(onnx.graph(), is_ours, source_name, model);
  if (!is_ours) {
    model.graph = foldable(std::move(model.graph));
    checked(source_name, [&model] { graph::validate(model.graph); });
  }
  if (const auto ranges = model.metadata.extract(kRangesKey)) {
    model.graph = with_ranges(std::move(model.graph), ranges.mapped(), source_name);
  }
  if (const auto grids = model.metadata.extract(kGridsKey)) {
    model.graph = with_grids(std::move(model.graph), grids.mapped(), source_name);
  }
  checked(source_name, [&model] { graph::validate(model.graph); });
  return model;
}

}  // namespace edgeproof::formats
