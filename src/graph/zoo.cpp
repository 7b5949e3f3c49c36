#include "graph/zoo.h"

#include <array>

#include "core/error.h"
#include "core/text.h"
#include "graph/shapes.h"

namespace edgeproof::graph {
namespace {

// Appends nodes to a chain and keeps the current channel count.
class Chain {
 public:
  Chain(std::string name, Shape input) : graph_{std::move(name), {}}, channels_(input.channels) {
    append("input", Input{input});
  }

  // Convolution, BatchNorm, ReLU.
  Chain& conv(const std::string& name, Conv1d conv) {
    const int per_output = conv.kernel * (channels_ / conv.groups);
    channels_ = conv.out_channels;
    conv.weights = FloatWeights{zeros(channels_ * per_output), zeros(channels_)};
    append(name, conv);
    append(name + "_bn", BatchNorm{ones(), zeros(channels_), zeros(channels_), ones()});
    return append(name + "_relu", Relu{});
  }
  Chain& depthwise(const std::string& name, int kernel) {
    const int pad = kernel / 2;
    return conv(name, {.out_channels = channels_,
                       .kernel = kernel,
                       .pad_left = pad,
                       .pad_right = pad,
                       .groups = channels_});
  }
  Chain& pool(const std::string& name) { return append(name, MaxPool{}); }
  Graph classify(int classes) {
    append("average", GlobalAveragePool{});
    append("dense", Dense{classes, Activation::none,
                          FloatWeights{zeros(classes * channels_), zeros(classes)}});
    return std::move(graph_);
  }

 private:
  static std::vector<float> zeros(int count) {
    return std::vector<float>(static_cast<size_t>(count), 0);
  }
  std::vector<float> ones() const { return std::vector<float>(static_cast<size_t>(channels_), 1); }
  Chain& append(std::string name, Op op) {
    std::vector<int> inputs;
    if (!graph_.nodes.empty()) inputs.push_back(static_cast<int>(graph_.nodes.size()) - 1);
    graph_.nodes.push_back({std::move(name), std::move(op), std::move(inputs), std::nullopt});
    return *this;
  }

  Graph graph_;
  int channels_;
};

// A convolution that keeps the length at stride 1.
Conv1d same(int out_channels, int kernel, int stride = 1) {
  const int pad = kernel / 2;
  return {.out_channels = out_channels,
          .kernel = kernel,
          .stride = stride,
          .pad_left = pad,
          .pad_right = pad};
}

const std::array<std::string, 3> kNames = {"cnn", "ds_cnn", "wdcnn"};

}  // namespace

Graph cnn(const ZooOptions& options) {
  return Chain("cnn", options.input)
      .conv("conv1", same(32, 5))
      .pool("pool1")
      .conv("conv2", same(64, 5))
      .pool("pool2")
      .conv("conv3", same(64, 3))
      .classify(options.classes);
}

Graph ds_cnn(const ZooOptions& options) {
  Chain chain("ds_cnn", options.input);
  chain.conv("stem", same(64, 9, 2));
  for (int i = 1; i <= 4; ++i) {
    chain.depthwise(fmt::format("depthwise{}", i), 3)
        .conv(fmt::format("pointwise{}", i), same(64, 1));
  }
  return chain.classify(options.classes);
}

Graph wdcnn(const ZooOptions& options) {
  return Chain("wdcnn", options.input)
      .conv("conv1",
            {.out_channels = 16, .kernel = 64, .stride = 8, .pad_left = 28, .pad_right = 28})
      .pool("pool1")
      .conv("conv2", same(32, 3))
      .pool("pool2")
      .conv("conv3", same(64, 3))
      .pool("pool3")
      .conv("conv4", same(64, 3))
      .classify(options.classes);
}

std::span<const std::string> architectures() {
  return kNames;
}

Graph build(const std::string& architecture, const ZooOptions& options) {
  Graph graph = architecture == "cnn"      ? cnn(options)
                : architecture == "ds_cnn" ? ds_cnn(options)
                : architecture == "wdcnn"  ? wdcnn(options)
                                           : Graph{};
  if (graph.nodes.empty()) {
    fail(ErrorCode::bad_config, "unknown architecture '{}'{}", architecture,
         did_you_mean(architecture, kNames));
  }
  try {
    validate(graph);
  } catch (const Error& error) {
    fail(ErrorCode::bad_config,
         "architecture '{}' does not fit windows of {} samples x {} channels: {}", architecture,
         options.input.length, options.input.channels, error.what());
  }
  return graph;
}

}  // namespace edgeproof::graph
