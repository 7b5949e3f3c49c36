// XNNPACK's operators, channels last as here: per-channel int8 (qc8) with our quantization, dense
// layers as 1 x 1 convolutions because its own has one weight scale only.

#include <xnnpack.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "graph/shapes.h"
#include "peer.h"

namespace edgeproof::bench {
namespace {

void check(xnn_status status, const char* what) {
  if (status != xnn_status_success) throw std::runtime_error(what);
}

class Network {
 public:
  explicit Network(const graph::Graph& graph)
      : int8_(graph::is_int8(graph)),
        shapes_(graph::infer_shapes(graph)),
        window_(static_cast<std::size_t>(shapes_.front().size())),
        logits_(static_cast<std::size_t>(shapes_.back().size())) {
    check(xnn_initialize(nullptr), "xnn_initialize");
    for (const graph::Shape shape : shapes_) {
      // XNNPACK may read past the end.
      const std::size_t size = static_cast<std::size_t>(shape.size()) + XNN_EXTRA_BYTES;
      floats_.emplace_back(int8_ ? 0 : size);
      bytes_.emplace_back(int8_ ? size : 0);
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) add(graph, i);
    if (!int8_) return;
    const graph::Quantization q = *graph.nodes.back().quantization;
    xnn_operator_t op = nullptr;
    check(xnn_create_convert_nc_qs8_f32(logits_.size(), logits_.size(), logits_.size(), q.scale,
                                        static_cast<std::int8_t>(q.zero_point), 0, &op),
          "convert to f32");
    check(xnn_setup_convert_nc_qs8_f32(op, 1, bytes_.back().data(), logits_.data(), nullptr),
          "convert to f32");
    operators_.push_back(op);
  }
  ~Network() {
    for (xnn_operator_t op : operators_) xnn_delete_operator(op);
  }

  // Operators are bound to their buffers: windows and logits are copied, some 20 ns.
  void run(std::span<const float> window, std::span<float> logits) {
    std::copy(window.begin(), window.end(), int8_ ? window_.begin() : floats_.front().begin());
    for (xnn_operator_t op : operators_) xnn_run_operator(op, nullptr);
    const float* result = int8_ ? logits_.data() : floats_.back().data();
    std::copy_n(result, logits.size(), logits.begin());
  }

 private:
  void add(const graph::Graph& graph, std::size_t index) {
    const graph::Node& node = graph.nodes[index];
    xnn_operator_t op = nullptr;
    if (index == 0) {
      if (!int8_) return;
      const graph::Quantization q = *node.quantization;
      check(xnn_create_convert_nc_f32_qs8(1, 1, 1, q.scale, static_cast<std::int8_t>(q.zero_point),
                                          -128, 127, 0, &op),
            "convert to qs8");
      check(xnn_setup_convert_nc_f32_qs8(op, window_.size(), window_.data(), bytes_[0].data(),
                                         nullptr),
            "convert to qs8");
      operators_.push_back(op);
      return;
    }
    const graph::Shape in = shapes_[static_cast<std::size_t>(node.inputs[0])];
    if (const auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
      op = int8_ ? int8_convolution(graph, index, *conv, conv->weights, in)
                 : float_convolution(index, *conv, conv->weights, in);
    } else if (const auto* dense = std::get_if<graph::Dense>(&node.op)) {
      const graph::Conv1d flat{.out_channels = dense->out_features,
                               .activation = dense->activation};
      op = int8_ ? int8_convolution(graph, index, flat, dense->weights, in)
                 : float_convolution(index, flat, dense->weights, in);
    } else if (const auto* pool = std::get_if<graph::MaxPool>(&node.op)) {
      op = max_pooling(index, *pool, in);
    } else {
      op = average(node, index, in);
    }
    operators_.push_back(op);
  }

  xnn_operator_t float_convolution(std::size_t index, const graph::Conv1d& c,
                                   const graph::Weights& weights, graph::Shape in) {
    const auto& w = std::get<graph::FloatWeights>(weights);
    const float infinity = std::numeric_limits<float>::infinity();
    xnn_operator_t op = nullptr;
    check(xnn_create_convolution2d_nhwc_f32(
              0, c.pad_right, 0, c.pad_left, 1, c.kernel, 1, c.stride, 1, c.dilation, c.groups,
              in.channels / c.groups, c.out_channels / c.groups, in.channels, c.out_channels,
              w.values.data(), w.bias.data(),
              c.activation == graph::Activation::relu ? 0 : -infinity, infinity, 0, &op),
          "convolution f32");
    check(xnn_setup_convolution2d_nhwc_f32(op, 1, 1, in.length, floats_[index - 1].data(),
                                           floats_[index].data(), nullptr),
          "convolution f32");
    return op;
  }

  xnn_operator_t int8_convolution(const graph::Graph& graph, std::size_t index,
                                  const graph::Conv1d& c, const graph::Weights& weights,
                                  graph::Shape in) {
    const auto& w = std::get<graph::Int8Weights>(weights);
    const graph::Quantization from = *graph.nodes[index - 1].quantization;
    const graph::Quantization to = *graph.nodes[index].quantization;
    const bool relu = c.activation == graph::Activation::relu;
    xnn_operator_t op = nullptr;
    check(xnn_create_convolution2d_nhwc_qc8(
              0, c.pad_right, 0, c.pad_left, 1, c.kernel, 1, c.stride, 1, c.dilation, c.groups,
              in.channels / c.groups, c.out_channels / c.groups, in.channels, c.out_channels,
              static_cast<std::int8_t>(from.zero_point), from.scale, w.scales.data(),
              w.values.data(), w.bias.data(), static_cast<std::int8_t>(to.zero_point), to.scale,
              relu ? static_cast<std::int8_t>(to.zero_point) : std::int8_t{-128}, 127, 0, &op),
          "convolution qc8");
    check(xnn_setup_convolution2d_nhwc_qc8(op, 1, 1, in.length, bytes_[index - 1].data(),
                                           bytes_[index].data(), nullptr),
          "convolution qc8");
    return op;
  }

  xnn_operator_t max_pooling(std::size_t index, const graph::MaxPool& pool, graph::Shape in) {
    const float infinity = std::numeric_limits<float>::infinity();
    const auto channels = static_cast<std::size_t>(in.channels);
    xnn_operator_t op = nullptr;
    if (int8_) {
      check(xnn_create_max_pooling2d_nhwc_s8(0, 0, 0, 0, 1, pool.kernel, 1, pool.stride, 1, 1,
                                             channels, channels, channels, -128, 127, 0, &op),
            "max pooling s8");
      check(xnn_setup_max_pooling2d_nhwc_s8(op, 1, 1, in.length, bytes_[index - 1].data(),
                                            bytes_[index].data(), nullptr),
            "max pooling s8");
    } else {
      check(xnn_create_max_pooling2d_nhwc_f32(0, 0, 0, 0, 1, pool.kernel, 1, pool.stride, 1, 1,
                                              channels, channels, channels, -infinity, infinity, 0,
                                              &op),
            "max pooling f32");
      check(xnn_setup_max_pooling2d_nhwc_f32(op, 1, 1, in.length, floats_[index - 1].data(),
                                             floats_[index].data(), nullptr),
            "max pooling f32");
    }
    return op;
  }

  xnn_operator_t average(const graph::Node& node, std::size_t index, graph::Shape in) {
    const float infinity = std::numeric_limits<float>::infinity();
    const auto channels = static_cast<std::size_t>(in.channels);
    xnn_operator_t op = nullptr;
    if (int8_) {
      const graph::Quantization q = *node.quantization;
      const auto zero = static_cast<std::int8_t>(q.zero_point);
      check(xnn_create_global_average_pooling_nwc_qs8(channels, channels, channels, zero, q.scale,
                                                      zero, q.scale, -128, 127, 0, &op),
            "average qs8");
      check(xnn_setup_global_average_pooling_nwc_qs8(op, 1, in.length, bytes_[index - 1].data(),
                                                     bytes_[index].data(), nullptr),
            "average qs8");
    } else {
      check(xnn_create_global_average_pooling_nwc_f32(channels, channels, channels, -infinity,
                                                      infinity, 0, &op),
            "average f32");
      check(xnn_setup_global_average_pooling_nwc_f32(op, 1, in.length, floats_[index - 1].data(),
                                                     floats_[index].data(), nullptr),
            "average f32");
    }
    return op;
  }

  bool int8_;
  std::vector<graph::Shape> shapes_;
  std::vector<float> window_, logits_;
  std::vector<std::vector<float>> floats_;
  std::vector<std::vector<std::int8_t>> bytes_;
  std::vector<xnn_operator_t> operators_;
};

}  // namespace

RunNetwork xnnpack_network(const graph::Graph& graph) {
  auto network = std::make_shared<Network>(graph);
  return [network](std::span<const float> window, std::span<float> logits) {
    network->run(window, logits);
  };
}

}  // namespace edgeproof::bench
