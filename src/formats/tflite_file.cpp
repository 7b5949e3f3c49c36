// Children of a FlatBuffer table are written before it, so everything but the model's own tables is
// written as it is added. Test: tflite_test.cpp.

#include "formats/tflite_file.h"

#include <algorithm>

namespace edgeproof::formats::tflite {
namespace {

constexpr std::size_t kAlignment = 16;  // of a buffer's data, as the schema asks
constexpr int kMostOldCode = 127;       // what the field of one byte can hold

}  // namespace

int File::add_activation(Tensor tensor) {
  return add_tensor(tensor, 0, true);
}

int File::add_constant(Tensor tensor, const std::uint8_t* data, std::size_t bytes) {
  return add_tensor(tensor, add_buffer(data, bytes), false);
}

int File::add_buffer(const std::uint8_t* data, std::size_t bytes) {
  builder_.ForceVectorAlignment(bytes, 1, kAlignment);
  const Table vector = {builder_.CreateVector(data, bytes).o};
  buffers_.push_back(table(Field{buffer::data, vector}));
  return static_cast<int>(buffers_.size()) - 1;
}

int File::add_tensor(const Tensor& t, int buffer, bool batched) {
  Table quantization = {};
  if (!t.quantization.scales.empty()) {
    const Table scales = numbers(t.quantization.scales);
    const Table zeros = numbers(t.quantization.zero_points);
    quantization = table(Field{quantization::scale, scales}, Field{quantization::zero_point, zeros},
                         Field{quantization::dimension, t.quantization.dimension});
  }
  Table signature = {};
  if (batched) {
    std::vector<int> shape = t.shape;
    shape.front() = -1;
    signature = numbers(shape);
  }
  const Table shape = numbers(t.shape);
  const Table name = text(t.name);
  tensors_.push_back(table(Field{tensor::shape, shape}, Field{tensor::type, t.type},
                           Field{tensor::buffer, static_cast<std::uint32_t>(buffer)},
                           Field{tensor::name, name}, Field{tensor::quantization, quantization},
                           Field{tensor::shape_signature, signature}));
  return static_cast<int>(tensors_.size()) - 1;
}

int File::code_index(Operator code, int version) {
  const Code wanted{code, version};
  const auto found = std::ranges::find(codes_, wanted);
  if (found != codes_.end()) return static_cast<int>(found - codes_.begin());
  codes_.push_back(wanted);
  return static_cast<int>(codes_.size()) - 1;
}

void File::add_operator(Operator code, int version, const std::vector<int>& inputs, int output,
                        Options type, Table options) {
  const Table in = numbers(inputs);
  const Table out = numbers(std::vector{output});
  const auto index = static_cast<std::uint32_t>(code_index(code, version));
  operators_.push_back(table(Field{operation::code_index, index}, Field{operation::inputs, in},
                             Field{operation::outputs, out}, Field{operation::options_type, type},
                             Field{operation::options, options}));
}

void File::add_metadata(const std::string& name, std::string_view bytes) {
  const int buffer = add_buffer(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const Table name_text = text(name);
  metadata_.push_back(table(Field{metadata::name, name_text},
                            Field{metadata::buffer, static_cast<std::uint32_t>(buffer)}));
}

// "serving_default", as other converters call it.
File::Table File::signature(const Endpoint& input, const Endpoint& output) {
  const auto endpoints = [this](const Endpoint& endpoint) {
    const Table name = text(endpoint.name);
    return tables({table(Field{tensor_map::name, name},
                         Field{tensor_map::tensor, static_cast<std::uint32_t>(endpoint.tensor)})});
  };
  const Table inputs = endpoints(input), outputs = endpoints(output);
  const Table key = text("serving_default");
  return table(Field{signature_def::inputs, inputs}, Field{signature_def::outputs, outputs},
               Field{signature_def::key, key});
}

std::string File::finish(const std::string& name, const Endpoint& input, const Endpoint& output) {
  std::vector<Table> codes;
  for (const Code& code : codes_) {
    const auto number = static_cast<std::int32_t>(code.code);
    codes.push_back(table(Field{operator_code::deprecated_code,
                                static_cast<std::int8_t>(std::min(number, kMostOldCode))},
                          Field{operator_code::version, code.version},
                          Field{operator_code::code, number}));
  }
  const Table all_tensors = tables(tensors_), all_operators = tables(operators_);
  const Table inputs = numbers(std::vector{input.tensor}),
              outputs = numbers(std::vector{output.tensor});
  const Table network_name = text(name);
  const Table network =
      table(Field{subgraph::tensors, all_tensors}, Field{subgraph::inputs, inputs},
            Field{subgraph::outputs, outputs}, Field{subgraph::operators, all_operators},
            Field{subgraph::name, network_name});
  const Table all_codes = tables(codes), networks = tables({network});
  const Table all_buffers = tables(buffers_), all_metadata = tables(metadata_);
  const Table description = text("edgeproof");
  const Table signatures = tables({signature(input, output)});
  const Table root =
      table(Field{model::version, kSchemaVersion}, Field{model::operator_codes, all_codes},
            Field{model::subgraphs, networks}, Field{model::description, description},
            Field{model::buffers, all_buffers}, Field{model::metadata, all_metadata},
            Field{model::signatures, signatures});
  return finished(root, kFileIdentifier);
}

}  // namespace edgeproof::formats::tflite
