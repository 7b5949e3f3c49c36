// The file as a FlatBuffer. What LiteRT makes of it is for src/cli/peers/ to see.

#include "formats/tflite.h"

#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/tflite_schema.h"
#include "graph/operation_samples_testing.h"

namespace edgeproof::formats {
namespace {

using flatbuffers::Table;
using Tables = flatbuffers::Vector<flatbuffers::Offset<Table>>;

// A .tflite file read by field ids.
class Read {
 public:
  explicit Read(std::string bytes) : bytes_(std::move(bytes)) {
    EXPECT_TRUE(flatbuffers::BufferHasIdentifier(bytes_.data(), tflite::kFileIdentifier));
  }

  static flatbuffers::voffset_t at(std::uint16_t id) { return flatbuffers::FieldIndexToOffset(id); }
  template <typename T>
  static T pointer(const Table* table, std::uint16_t id) {
    return table->GetPointer<T>(at(id));
  }
  const Table* model() const { return flatbuffers::GetRoot<Table>(bytes_.data()); }
  const Table* network() const {
    return pointer<const Tables*>(model(), tflite::model::subgraphs)->Get(0);
  }
  const Tables* tensors() const {
    return pointer<const Tables*>(network(), tflite::subgraph::tensors);
  }
  const Table* tensor(const std::string& name) const {
    for (const Table* t : *tensors()) {
      if (pointer<const flatbuffers::String*>(t, tflite::tensor::name)->str() == name) return t;
    }
    throw std::runtime_error("no tensor " + name);
  }
  std::vector<int> shape(const std::string& name) const {
    const auto* dims =
        pointer<const flatbuffers::Vector<int>*>(tensor(name), tflite::tensor::shape);
    return {dims->begin(), dims->end()};
  }
  // Bytes of a constant, or of a metadata entry's buffer.
  std::string data(std::uint32_t buffer) const {
    const Table* table = pointer<const Tables*>(model(), tflite::model::buffers)->Get(buffer);
    const auto* values =
        pointer<const flatbuffers::Vector<std::uint8_t>*>(table, tflite::buffer::data);
    EXPECT_EQ((reinterpret_cast<const char*>(values->data()) - bytes_.data()) % 16, 0);
    return {values->begin(), values->end()};
  }
  std::string data(const std::string& tensor_name) const {
    return data(tensor(tensor_name)->GetField<std::uint32_t>(at(tflite::tensor::buffer), 0));
  }
  std::string metadata(const std::string& name) const {
    for (const Table* entry : *pointer<const Tables*>(model(), tflite::model::metadata)) {
      if (pointer<const flatbuffers::String*>(entry, tflite::metadata::name)->str() == name) {
        return data(entry->GetField<std::uint32_t>(at(tflite::metadata::buffer), 0));
      }
    }
    throw std::runtime_error("no metadata " + name);
  }
  std::vector<tflite::Operator> operators() const {
    const auto* codes = pointer<const Tables*>(model(), tflite::model::operator_codes);
    std::vector<tflite::Operator> found;
    for (const Table* op : *pointer<const Tables*>(network(), tflite::subgraph::operators)) {
      const auto index = op->GetField<std::uint32_t>(at(tflite::operation::code_index), 0);
      found.push_back(static_cast<tflite::Operator>(
          codes->Get(index)->GetField<std::int32_t>(at(tflite::operator_code::code), 0)));
    }
    return found;
  }

 private:
  std::string bytes_;
};

graph::Graph one_convolution(graph::Conv1d conv, graph::Shape input) {
  const auto values =
      static_cast<std::size_t>(conv.out_channels * conv.kernel * input.channels / conv.groups);
  conv.weights = graph::FloatWeights{
      std::vector<float>(values), std::vector<float>(static_cast<std::size_t>(conv.out_channels))};
  for (std::size_t i = 0; i < values; ++i) {
    std::get<graph::FloatWeights>(conv.weights).values[i] = static_cast<float>(i);
  }
  return {"one", {{"input", graph::Input{input}, {}}, {"conv", conv, {0}}}};
}

std::vector<tflite::Operator> operators_of(graph::Conv1d conv, graph::Shape input = {10, 2}) {
  return Read(to_tflite({one_convolution(conv, input), {}})).operators();
}

// What was refused, or "".
std::string refusal_of(const graph::Graph& graph) {
  try {
    to_tflite({graph, {}});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    return error.what();
  }
  return {};
}

// LiteRT has no average pooling with paddings of its own, and few bounds.
TEST(Tflite, EveryOperationIsWrittenWithItsShapeOrRefusedByName) {
  int refused = 0;
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    const auto fp32 = with_random_weights(sample.graph, 1);
    const auto name = graph::op_name(fp32.nodes[static_cast<std::size_t>(sample.node)].op);
    SCOPED_TRACE(name);
    for (const auto& form : {graph::fold(fp32), as_random_int8(fp32, 2)}) {
      const std::string refusal = refusal_of(form);
      if (!refusal.empty()) {
        ++refused;
        EXPECT_THAT(refusal, testing::HasSubstr(fmt::format("node 'operation' ({})", name)));
        continue;
      }
      const std::string& tensor =
          form.nodes[std::min(form.nodes.size() - 1, static_cast<std::size_t>(sample.node))].name;
      const auto shape = Read(to_tflite({form, {}})).shape(tensor);
      const std::vector<int> dims{sample.shape.length, sample.shape.channels};
      EXPECT_EQ(std::vector<int>(shape.end() - 2, shape.end()), dims);
    }
  }
  EXPECT_EQ(refused, 2 * 2);
}

TEST(Tflite, EluHasAnAlphaOfOneAlone) {
  const auto elu = [](float alpha) {
    const graph::Elementwise op{.function = graph::Elementwise::Function::elu, .alpha = alpha};
    return graph::sample::of_one(op, {}).graph;
  };
  EXPECT_EQ(Read(to_tflite({elu(1), {}})).operators()[2], tflite::Operator::elu);
  EXPECT_EQ(refusal_of(elu(0.5F)), "node 'operation' (elu): LiteRT has an alpha of 1; found 0.5");
}

TEST(Tflite, WritesTheZooInBothTypesAlwaysTheSame) {
  using enum tflite::Operator;
  for (const std::string& name : graph::architectures()) {
    const auto graph = with_random_weights(graph::build(name, {{256, 3}, 5}), 1);
    for (const auto& form : {graph, as_random_int8(graph, 2)}) {
      const std::string bytes = to_tflite({form, {}});
      EXPECT_EQ(bytes, to_tflite({form, {}}));
      const auto operators = Read(bytes).operators();
      EXPECT_EQ(operators.front(), reshape) << name;
      EXPECT_EQ(operators[operators.size() - 2], conv_2d) << name;
    }
  }
}

TEST(Tflite, PadsOnlyWhereNoPaddingOfLiteRtIsTheSame) {
  using enum tflite::Operator;
  const std::vector plain = {reshape, conv_2d, reshape};
  const std::vector padded = {reshape, pad, conv_2d, reshape};
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 3}), plain);
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 3, .pad_left = 1, .pad_right = 1}), plain);
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 4, .pad_left = 1, .pad_right = 2}), plain);
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 4, .pad_left = 2, .pad_right = 1}), padded);
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 3, .pad_left = 2, .pad_right = 0}), padded);
  // SAME would put the one padding that ten samples need on the right.
  EXPECT_EQ(
      operators_of({.out_channels = 2, .kernel = 3, .stride = 2, .pad_left = 1, .pad_right = 1}),
      padded);
  // The padding on the right that no window reaches does not count.
  EXPECT_EQ(operators_of({.out_channels = 2, .kernel = 4, .stride = 3, .pad_right = 2}), plain);
}

TEST(Tflite, DepthwiseFiltersHaveTheirChannelsLast) {
  const Read file(
      to_tflite({one_convolution({.out_channels = 4, .kernel = 3, .groups = 2}, {8, 2}), {}}));
  EXPECT_EQ(file.operators()[1], tflite::Operator::depthwise_conv_2d);
  EXPECT_EQ(file.shape("conv/weights"), (std::vector{1, 1, 3, 4}));
  const std::string bytes = file.data("conv/weights");
  std::vector<float> values(12);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  EXPECT_EQ(values, (std::vector<float>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

TEST(Tflite, WeightsOfFourBitsArePackedThoseOfTwoTakeAByteEach) {
  const auto graph = with_random_weights(graph::cnn({{64, 3}, 5}), 1);
  const auto bytes = [&](int bits) {
    return Read(to_tflite({as_random_int8(graph, 2, bits), {}})).data("dense/weights").size();
  };
  EXPECT_EQ(bytes(8), 5U * 64);
  EXPECT_EQ(bytes(4), 5U * 64 / 2);
  EXPECT_EQ(bytes(2), 5U * 64);
}

TEST(Tflite, InputAndOutputAreWindowsAndLogits) {
  const auto graph = with_random_weights(graph::cnn({{64, 3}, 5}), 1);
  const Read file(to_tflite({graph, {}}));
  EXPECT_EQ(file.shape("input"), (std::vector{1, 64, 3}));
  EXPECT_EQ(file.shape(graph.nodes.back().name + "/output"), (std::vector{1, 5}));
}

TEST(Tflite, MetadataTravels) {
  const auto graph = with_random_weights(graph::cnn({{64, 3}, 5}), 1);
  const Read file(to_tflite(
      {graph, {{"edgeproof.labels", R"(["a","b"])"}, {"edgeproof.rate_hz", "0.1"}, {"x", "y z"}}}));
  EXPECT_EQ(nlohmann::json::parse(file.metadata("edgeproof")),
            nlohmann::json::parse(
                R"({"edgeproof.labels": ["a", "b"], "edgeproof.rate_hz": 0.1, "x": "y z"})"));
  EXPECT_EQ(file.metadata("min_runtime_version").size(), 16U);
}

TEST(Tflite, RefusesWhatCannotBeFolded) {
  auto graph = with_random_weights(graph::cnn({{64, 3}, 5}), 1);
  graph.nodes.insert(graph.nodes.begin() + 1,
                     {"early", graph::BatchNorm{{1, 1, 1}, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}}, {0}});
  for (std::size_t n = 2; n < graph.nodes.size(); ++n) {
    for (int& input : graph.nodes[n].inputs) ++input;
  }
  EXPECT_THROW(to_tflite({graph, {}}), Error);
}

}  // namespace
}  // namespace edgeproof::formats
