#include "fuzz/onnx_mutate.h"

#include <onnx/onnx_pb.h>

#include <array>
#include <limits>
#include <vector>

namespace edgeproof::fuzz {
namespace {

constexpr std::array<std::int64_t, 12> kIntegers = {0,
                                                    1,
                                                    2,
                                                    3,
                                                    -1,
                                                    -2,
                                                    7,
                                                    64,
                                                    1 << 20,
                                                    (1 << 20) + 1,
                                                    std::numeric_limits<std::int64_t>::max(),
                                                    std::numeric_limits<std::int64_t>::min()};

std::int64_t integer(Draws& draws) {
  return kIntegers[draws.below(kIntegers.size())];
}

template <typename List>
auto* any(List* list, Draws& draws) {
  return list->empty()
             ? nullptr
             : &(*list)[static_cast<int>(draws.below(static_cast<std::size_t>(list->size())))];
}

std::string any_name(const onnx::GraphProto& graph, Draws& draws) {
  std::vector<std::string> names = {""};
  for (const auto& tensor : graph.initializer()) names.push_back(tensor.name());
  for (const auto& node : graph.node())
    names.insert(names.end(), node.output().begin(), node.output().end());
  for (const auto& input : graph.input()) names.push_back(input.name());
  return names[draws.below(names.size())];
}

void change_attribute(onnx::AttributeProto& attribute, Draws& draws) {
  attribute.set_i(integer(draws));
  attribute.set_f(static_cast<float>(integer(draws)));
  if (attribute.ints_size() > 0 && draws.below(3) > 0) {
    attribute.set_ints(
        static_cast<int>(draws.below(static_cast<std::size_t>(attribute.ints_size()))),
        integer(draws));
  } else if (draws.below(2) == 0) {
    attribute.add_ints(integer(draws));
  } else {
    attribute.clear_ints();
  }
}

void change_tensor(onnx::TensorProto& tensor, Draws& draws) {
  static constexpr std::array kTypes = {onnx::TensorProto::FLOAT, onnx::TensorProto::INT64,
                                        onnx::TensorProto::INT8,  onnx::TensorProto::UINT8,
                                        onnx::TensorProto::INT32, onnx::TensorProto::DOUBLE};
  switch (draws.below(4)) {
    case 0:
      if (tensor.dims_size() > 0) {
        tensor.set_dims(static_cast<int>(draws.below(static_cast<std::size_t>(tensor.dims_size()))),
                        integer(draws));
      }
      break;
    case 1:
      tensor.add_dims(1);
      break;
    case 2:
      tensor.set_data_type(kTypes[draws.below(kTypes.size())]);
      break;
    default:
      if (!tensor.raw_data().empty()) {
        std::string& raw = *tensor.mutable_raw_data();
        raw[draws.below(raw.size())] = static_cast<char>(draws.below(256));
      } else if (tensor.int64_data_size() > 0) {
        tensor.set_int64_data(0, integer(draws));
      }
  }
}

void change_node(onnx::GraphProto& graph, Draws& draws) {
  onnx::NodeProto* node = any(graph.mutable_node(), draws);
  if (node == nullptr) return;
  const onnx::NodeProto other = *any(graph.mutable_node(), draws);
  switch (draws.below(6)) {
    case 0:
      node->set_op_type(other.op_type());
      break;
    case 1:
      if (auto* input = any(node->mutable_input(), draws)) *input = any_name(graph, draws);
      break;
    case 2:
      node->add_input(any_name(graph, draws));
      break;
    case 3:
      if (auto* attribute = any(node->mutable_attribute(), draws))
        change_attribute(*attribute, draws);
      break;
    case 4:
      node->mutable_attribute()->CopyFrom(other.attribute());
      break;
    default:
      node->set_name(draws.below(2) == 0 ? "" : other.name());
  }
}

}  // namespace

std::string mutated_onnx(const std::string& bytes, Draws& draws) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return bytes;
  onnx::GraphProto& graph = *model.mutable_graph();
  for (std::size_t left = draws.below(4) + 1; left > 0; --left) {
    switch (draws.below(6)) {
      case 0:
        if (auto* tensor = any(graph.mutable_initializer(), draws)) change_tensor(*tensor, draws);
        break;
      case 1:
        if (auto* input = any(graph.mutable_input(), draws)) {
          auto& shape = *input->mutable_type()->mutable_tensor_type()->mutable_shape();
          if (auto* dim = any(shape.mutable_dim(), draws)) dim->set_dim_value(integer(draws));
        }
        break;
      case 2:
        if (auto* output = any(graph.mutable_output(), draws))
          output->set_name(any_name(graph, draws));
        break;
      default:
        change_node(graph, draws);
    }
  }
  if (draws.below(8) == 0) model.set_producer_name("other");
  return model.SerializeAsString();
}

}  // namespace edgeproof::fuzz
