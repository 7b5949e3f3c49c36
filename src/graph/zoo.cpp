#include "graph/zoo.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"
#include "graph/shapes.h"

namespace edgeproof::graph {
namespace {

// Appends nodes, each to the one before it unless from() or an operation of several inputs says
// otherwise.
class Chain {
 public:
  Chain(std::string name, Shape input) : graph_{std::move(name), {}} {
    append("input", Input{input}, {}, input.channels);
  }

  // Where the next node will be appended.
  int here() const { return here_; }
  Chain& from(int node) {
    here_ = node;
    return *this;
  }

  // Convolution, BatchNorm, ReLU.
  Chain& conv(const std::string& name, Conv1d conv) {
    return linear(name, std::move(conv)).relu(name);
  }
  // Convolution, BatchNorm.
  Chain& linear(const std::string& name, Conv1d conv) {
    const int out = conv.out_channels;
    conv.weights = FloatWeights{zeros(out * conv.kernel * (channels() / conv.groups)), zeros(out)};
    append(name, std::move(conv), {here_}, out);
    return append(name + "_bn", BatchNorm{ones(out), zeros(out), zeros(out), ones(out)}, {here_},
                  out);
  }
  Chain& depthwise(const std::string& name, int kernel) {
    const int pad = kernel / 2;
    return conv(name, {.out_channels = channels(),
                       .kernel = kernel,
                       .pad_left = pad,
                       .pad_right = pad,
                       .groups = channels()});
  }
  Chain& pool(const std::string& name, MaxPool pool = {}) {
    return append(name, pool, {here_}, channels());
  }
  // Adds what `other` gives, then ReLU.
  Chain& add(const std::string& name, int other) {
    return append(name, Add{}, {here_, other}, channels()).relu(name);
  }
  Chain& concat(const std::string& name, const std::vector<int>& branches) {
    int sum = 0;
    for (const int branch : branches) sum += channels_[static_cast<std::size_t>(branch)];
    return append(name, Concat{}, branches, sum);
  }
  Graph classify(int classes) {
    append("average", GlobalAveragePool{}, {here_}, channels());
    append(
        "dense",
        Dense{classes, Activation::none, FloatWeights{zeros(classes * channels()), zeros(classes)}},
        {here_}, classes);
    return std::move(graph_);
  }

  int channels() const { return channels_[static_cast<std::size_t>(here_)]; }

 private:
  static std::vector<float> zeros(int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 0);
  }
  static std::vector<float> ones(int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 1);
  }
  Chain& relu(const std::string& name) {
    return append(name + "_relu", Relu{}, {here_}, channels());
  }
  Chain& append(std::string name, Op op, std::vector<int> inputs, int channels) {
    here_ = static_cast<int>(graph_.nodes.size());
    graph_.nodes.push_back({std::move(name), std::move(op), std::move(inputs), std::nullopt});
    channels_.push_back(channels);
    return *this;
  }

  Graph graph_;
  std::vector<int> channels_;  // per node
  int here_ = 0;
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

// Sees no later sample than the one it stands at: padded on the left only.
Conv1d causal(int out_channels, int kernel, int dilation) {
  return {.out_channels = out_channels,
          .kernel = kernel,
          .pad_left = (kernel - 1) * dilation,
          .dilation = dilation};
}

// Adds the block's input, projected where its shape is another, to what the chain now gives.
void close_residual(Chain& chain, const std::string& name, int input, int stride = 1) {
  const int branch = chain.here(), out = chain.channels();
  chain.from(input);
  if (chain.channels() != out || stride != 1) {
    chain.linear(name + "_project", {.out_channels = out, .kernel = 1, .stride = stride});
  }
  const int shortcut = chain.here();
  chain.from(branch).add(name, shortcut);
}

const std::array<std::string, 6> kNames = {"cnn",      "ds_cnn", "wdcnn",
                                           "resnet1d", "tcn",    "inception"};

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

Graph resnet1d(const ZooOptions& options) {
  Chain chain("resnet1d", options.input);
  chain.conv("stem", same(32, 7, 2));
  constexpr std::array<int, 3> kWidths = {32, 48, 64};
  for (std::size_t i = 0; i < kWidths.size(); ++i) {
    const std::string name = fmt::format("block{}", i + 1);
    const int input = chain.here(), stride = i == 0 ? 1 : 2;
    chain.conv(name + "_conv1", same(kWidths[i], 3, stride))
        .linear(name + "_conv2", same(kWidths[i], 3));
    close_residual(chain, name, input, stride);
  }
  return chain.classify(options.classes);
}

Graph tcn(const ZooOptions& options) {
  Chain chain("tcn", options.input);
  for (const int dilation : {1, 2, 4, 8, 16}) {
    const std::string name = fmt::format("dilation{}", dilation);
    const int input = chain.here();
    chain.conv(name + "_conv1", causal(32, 3, dilation))
        .conv(name + "_conv2", causal(32, 3, dilation));
    close_residual(chain, name, input);
  }
  return chain.classify(options.classes);
}

Graph inception(const ZooOptions& options) {
  constexpr int kFilters = 16;
  Chain chain("inception", options.input);
  for (int i = 1; i <= 3; ++i) {
    const std::string name = fmt::format("module{}", i);
    const int input = chain.here();
    const int bottleneck = chain.linear(name + "_bottleneck", same(kFilters, 1)).here();
    std::vector<int> branches;
    for (const int kernel : {19, 9, 5}) {
      chain.from(bottleneck).conv(fmt::format("{}_conv{}", name, kernel), same(kFilters, kernel));
      branches.push_back(chain.here());
    }
    chain.from(input)
        .pool(name + "_pool", {.kernel = 3, .stride = 1, .pad_left = 1, .pad_right = 1})
        .conv(name + "_pool_conv", same(kFilters, 1));
    branches.push_back(chain.here());
    chain.concat(name, branches);
  }
  close_residual(chain, "residual", 0);
  return chain.classify(options.classes);
}

std::span<const std::string> architectures() {
  return kNames;
}

Graph build(const std::string& architecture, const ZooOptions& options) {
  using Build = Graph (*)(const ZooOptions&);
  constexpr std::array<Build, kNames.size()> kBuilds = {cnn,      ds_cnn, wdcnn,
                                                        resnet1d, tcn,    inception};
  const auto found = std::find(kNames.begin(), kNames.end(), architecture);
  if (found == kNames.end()) {
    fail(ErrorCode::bad_config, "unknown architecture '{}'{}", architecture,
         did_you_mean(architecture, kNames));
  }
  const Graph graph = kBuilds[static_cast<std::size_t>(found - kNames.begin())](options);
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
