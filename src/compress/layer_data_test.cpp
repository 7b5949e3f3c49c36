#include "compress/layer_data.h"

#include <gtest/gtest.h>

#include <limits>

#include "compress/rounding_testing.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/zoo.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{16, 4};

// Windows on the grid of the input's quantization, so that integers and reals see the same.
TEST(LayerData, RowsTimesWeightsAreTheLayersOutput) {
  for (const graph::Conv1d& kind : kinds_of_convolution()) {
    auto fp32 = one_convolution(kShape, kind, 3);
    fp32.nodes[0].quantization = {1 / 16.0F, 3};
    fp32.nodes[1].quantization = {1, 0};
    auto windows = random_windows(5, kShape, 1);
    for (float& value : windows.values) value = std::round(16 * value) / 16;
    const auto data = layer_data(quantize(fp32), fp32, 1, windows, 5, true);
    const auto& w = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[1].op));
    const auto channels = static_cast<std::size_t>(kind.out_channels);
    ASSERT_EQ(data.targets.size(), static_cast<std::size_t>(data.rows()) * channels);
    const auto size = static_cast<std::size_t>(data.row_size());
    ASSERT_EQ(size * channels, w.values.size());
    std::vector<double> row(size);
    for (std::int64_t r = 0; r < data.rows(); ++r) {
      for (std::size_t c = 0; c < channels; ++c) {
        data.gather(r / data.positions(), static_cast<int>(r % data.positions()),
                    static_cast<int>(c) / data.group_outputs(), row.data());
        double sum = w.bias[c];
        for (std::size_t i = 0; i < size; ++i) sum += row[i] / 16 * w.values[c * size + i];
        EXPECT_NEAR(data.targets[static_cast<std::size_t>(r) * channels + c], sum, 1e-5);
      }
    }
  }
}

TEST(LayerData, InputsAreThoseOfTheIntegerNetworkTargetsThoseOfTheRealOne) {
  const graph::Shape shape{32, 3};
  const auto windows = smooth_windows(9, shape, 2);
  const auto fp32 =
      calibrate(graph::with_random_parameters(graph::build("cnn", {shape, 4}), 1), windows, {});
  const auto int8 = quantize(fp32, {.weight_bits = 3});
  const auto last = static_cast<int>(fp32.nodes.size()) - 1;  // the dense layer
  const auto data = layer_data(int8, fp32, last, windows, 9, true);
  EXPECT_EQ(data.rows(), 9);
  EXPECT_EQ(data.in, (graph::Shape{1, 64}));
  // The same sums as a layer's alone.
  const runtime::Plan real(fp32, {.float_sums = runtime::FloatSums::by_tap});
  EXPECT_EQ(data.targets, runtime::evaluate(real, windows.values, 9, 1).logits);
  graph::Graph body = int8;  // without its last layer, its output is the layer's input
  body.nodes.pop_back();
  const auto inputs = runtime::evaluate(runtime::Plan(body), windows.values, 9, 1).logits;
  ASSERT_EQ(data.inputs.size(), inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_FLOAT_EQ(data.input_scale * data.inputs[i], inputs[i]);
  }
  EXPECT_EQ(layer_data(int8, fp32, last, windows, 4, false).windows, 4);
  EXPECT_TRUE(layer_data(int8, fp32, last, windows, 4, false).targets.empty());
}

}  // namespace
}  // namespace edgeproof::compress
