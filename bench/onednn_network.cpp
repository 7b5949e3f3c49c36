// oneDNN: 1-D layers as 2-D ones of height 1, layouts of its own choice, ReLU fused. In int8,
// activations behind a ReLU are unsigned, as its AVX-512-VNNI kernels want them; the input is
// signed and symmetric, so that logits differ a little from ours.

#include <algorithm>
#include <cmath>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "graph/shapes.h"
#include "peer.h"

namespace edgeproof::bench {
namespace {

using Dims = dnnl::memory::dims;
using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;
using Arguments = std::unordered_map<int, dnnl::memory>;

class Network {
 public:
  explicit Network(const graph::Graph& graph)
      : int8_(graph::is_int8(graph)), shapes_(graph::infer_shapes(graph)) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) add(graph, i);
    dnnl::memory::desc plain({1, shapes_.back().size(), 1, 1}, Type::f32, Tag::nhwc);
    logits_ = dnnl::memory(plain, engine_, nullptr);
    reorder(current_, logits_, 1);
  }

  void run(std::span<const float> window, std::span<float> logits) {
    input_.set_data_handle(const_cast<float*>(window.data()));
    logits_.set_data_handle(logits.data());
    for (auto& [primitive, arguments] : steps_) primitive.execute(stream_, arguments);
    stream_.wait();
  }

 private:
  static Dims dims(graph::Shape shape) { return {1, shape.channels, 1, shape.length}; }
  // Real units of a level of an activation as it is here.
  static float scale_of(const graph::Graph& graph, int node) {
    const graph::Quantization q = *graph.nodes[static_cast<std::size_t>(node)].quantization;
    if (node > 0) return q.scale;
    return q.scale * static_cast<float>(std::max(127 - q.zero_point, 128 + q.zero_point)) / 127;
  }

  void step(const dnnl::primitive& primitive, Arguments arguments) {
    steps_.emplace_back(primitive, std::move(arguments));
  }
  void reorder(dnnl::memory& from, dnnl::memory& to, float scale) {
    dnnl::primitive_attr attributes;
    if (scale != 1) attributes.set_output_scales(0, {scale});
    const dnnl::reorder::primitive_desc desc(engine_, from.get_desc(), engine_, to.get_desc(),
                                             attributes);
    step(dnnl::reorder(desc), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  }
  dnnl::memory brought_to(const dnnl::memory::desc& desc) {
    if (current_.get_desc() == desc) return current_;
    dnnl::memory to(desc, engine_);
    reorder(current_, to, 1);
    return to;
  }

  // Weights [out, kernel, in / groups] as oneDNN has chosen to read them.
  template <typename T>
  dnnl::memory weights(const std::vector<T>& values, const graph::Conv1d& conv, Type type,
                       const dnnl::memory::desc& wanted, const Dims& shape) {
    const int per_group = static_cast<int>(values.size()) / conv.out_channels / conv.kernel;
    std::vector<T> turned(values.size());
    for (int o = 0; o < conv.out_channels; ++o) {
      for (int k = 0; k < conv.kernel; ++k) {
        for (int i = 0; i < per_group; ++i) {
          turned[static_cast<std::size_t>((o * per_group + i) * conv.kernel + k)] =
              values[static_cast<std::size_t>((o * conv.kernel + k) * per_group + i)];
        }
      }
    }
    dnnl::memory plain({shape, type, conv.groups > 1 ? Tag::goihw : Tag::oihw}, engine_,
                       turned.data());
    dnnl::memory packed(wanted, engine_);
    dnnl::reorder(plain, packed).execute(stream_, plain, packed);
    stream_.wait();
    return packed;
  }
  template <typename T>
  dnnl::memory vector(const std::vector<T>& values, Type type) {
    dnnl::memory memory({{static_cast<dnnl_dim_t>(values.size())}, type, Tag::x}, engine_);
    std::copy(values.begin(), values.end(), static_cast<T*>(memory.get_data_handle()));
    return memory;
  }

  void add(const graph::Graph& graph, std::size_t index) {
    const graph::Node& node = graph.nodes[index];
    const graph::Shape out = shapes_[index];
    if (index == 0) {
      input_ = dnnl::memory({dims(out), Type::f32, Tag::nhwc}, engine_, nullptr);
      current_ = input_;
      if (int8_) {
        current_ = dnnl::memory({dims(out), Type::s8, Tag::nhwc}, engine_);
        reorder(input_, current_, 1 / scale_of(graph, 0));
      }
      return;
    }
    const graph::Shape in = shapes_[static_cast<std::size_t>(node.inputs[0])];
    if (const auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
      convolution(graph, index, *conv, conv->weights, in);
    } else if (const auto* dense = std::get_if<graph::Dense>(&node.op)) {
      const graph::Conv1d flat{.out_channels = dense->out_features,
                               .activation = dense->activation};
      convolution(graph, index, flat, dense->weights, in);
    } else {
      const auto* max = std::get_if<graph::MaxPool>(&node.op);
      const int kernel = max == nullptr ? in.length : max->kernel;
      const int stride = max == nullptr ? 1 : max->stride;
      pooling(max != nullptr ? dnnl::algorithm::pooling_max
                             : dnnl::algorithm::pooling_avg_exclude_padding,
              kernel, stride, out);
    }
  }

  void pooling(dnnl::algorithm algorithm, int kernel, int stride, graph::Shape out) {
    const dnnl::memory::desc to(dims(out), current_.get_desc().data_type(), Tag::any);
    const dnnl::pooling_forward::primitive_desc desc({dnnl::prop_kind::forward_inference,
                                                      algorithm,
                                                      current_.get_desc(),
                                                      to,
                                                      {1, stride},
                                                      {1, kernel},
                                                      {0, 0},
                                                      {0, 0}},
                                                     engine_);
    dnnl::memory result(desc.dst_desc(), engine_);
    step(dnnl::pooling_forward(desc), {{DNNL_ARG_SRC, current_}, {DNNL_ARG_DST, result}});
    current_ = result;
  }

  void convolution(const graph::Graph& graph, std::size_t index, const graph::Conv1d& conv,
                   const graph::Weights& values, graph::Shape in) {
    const bool last = index + 1 == graph.nodes.size();
    const int per_group = in.channels / conv.groups;
    Dims shape = {conv.out_channels, per_group, 1, conv.kernel};
    if (conv.groups > 1)
      shape = {conv.groups, conv.out_channels / conv.groups, per_group, 1, conv.kernel};
    const Type from = int8_ ? current_.get_desc().data_type() : Type::f32;
    const Type to = int8_ && !last ? Type::u8 : Type::f32;
    dnnl::primitive_attr attributes;
    if (conv.activation == graph::Activation::relu) {
      dnnl::post_ops after;
      after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
      attributes.set_post_ops(after);
    }
    if (int8_) {
      std::vector<float> scales;
      const float out_scale = last ? 1 : scale_of(graph, static_cast<int>(index));
      for (const float scale : std::get<graph::Int8Weights>(values).scales) {
        scales.push_back(scale * scale_of(graph, graph.nodes[index].inputs[0]) / out_scale);
      }
      attributes.set_output_scales(2, scales);
    }
    const dnnl::convolution_forward::primitive_desc desc(
        {dnnl::prop_kind::forward_inference,
         dnnl::algorithm::convolution_auto,
         {dims(in), from, Tag::any},
         {shape, int8_ ? Type::s8 : Type::f32, Tag::any},
         {{conv.out_channels}, int8_ ? Type::s32 : Type::f32, Tag::any},
         {dims(shapes_[index]), to, Tag::any},
         {1, conv.stride},
         {0, conv.pad_left},
         {0, conv.pad_right}},
        attributes, engine_);
    dnnl::memory packed, bias;
    if (int8_) {
      const auto& w = std::get<graph::Int8Weights>(values);
      packed = weights(w.values, conv, Type::s8, desc.weights_desc(), shape);
      bias = vector(w.bias, Type::s32);
    } else {
      const auto& w = std::get<graph::FloatWeights>(values);
      packed = weights(w.values, conv, Type::f32, desc.weights_desc(), shape);
      bias = vector(w.bias, Type::f32);
    }
    dnnl::memory source = brought_to(desc.src_desc());
    dnnl::memory result(desc.dst_desc(), engine_);
    step(dnnl::convolution_forward(desc), {{DNNL_ARG_SRC, source},
                                           {DNNL_ARG_WEIGHTS, packed},
                                           {DNNL_ARG_BIAS, bias},
                                           {DNNL_ARG_DST, result}});
    current_ = result;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  bool int8_;
  std::vector<graph::Shape> shapes_;
  dnnl::memory input_, current_, logits_;
  std::vector<std::pair<dnnl::primitive, Arguments>> steps_;
};

}  // namespace

RunNetwork onednn_network(const graph::Graph& graph) {
  auto network = std::make_shared<Network>(graph);
  return [network](std::span<const float> window, std::span<float> logits) {
    network->run(window, logits);
  };
}

void limit_onednn_to_avx2() {
  dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
}

}  // namespace edgeproof::bench
