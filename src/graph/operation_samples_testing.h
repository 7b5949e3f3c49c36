#pragma once

// For tests only: small networks for every alternative of Op, which every consumer of graphs is
// shown. An operation without samples does not compile.

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "graph/elementwise.h"
#include "graph/graph.h"

namespace edgeproof::graph {

struct OperationSample {
  Graph graph;   // weights are zero
  int node = 0;  // the operation, which decides the output
  Shape shape;   // of its output, counted by hand as are its multiply-accumulates
  std::int64_t macs = 0;
};

namespace sample {

inline constexpr int kLength = 12, kChannels = 6;

inline FloatWeights zeros(int outputs, int per_output) {
  return {std::vector<float>(static_cast<std::size_t>(outputs * per_output)),
          std::vector<float>(static_cast<std::size_t>(outputs))};
}

inline Conv1d conv(Conv1d conv, int in_channels) {
  conv.weights = zeros(conv.out_channels, conv.kernel * in_channels / conv.groups);
  return conv;
}

// `nodes` behind two convolutions of the input, nodes 1 and 2, of [kLength, kChannels] each; the
// second goes if the operation, the last node, has one input.
inline OperationSample behind_convolutions(std::vector<Node> nodes, Shape shape,
                                           std::int64_t macs = 0) {
  const Conv1d same{.out_channels = kChannels, .kernel = 3, .pad_left = 1, .pad_right = 1};
  Graph graph{"sample", {{"input", Input{{kLength, 3}}, {}}, {"a", conv(same, 3), {0}}}};
  if (nodes.size() > 1 || nodes.back().inputs.size() > 1) {
    graph.nodes.push_back({"b", conv(same, 3), {0}});
  }
  for (Node& node : nodes) graph.nodes.push_back(std::move(node));
  const int last = static_cast<int>(graph.nodes.size()) - 1;
  return {std::move(graph), last, shape, macs};
}

inline OperationSample of_one(Op op, Shape shape, std::int64_t macs = 0) {
  return behind_convolutions({{"operation", std::move(op), {1}}}, shape, macs);
}

}  // namespace sample

template <typename Operation>
struct SamplesOf;

template <>
struct SamplesOf<Input> {
  static std::vector<OperationSample> make() {
    return {{{"sample",
              {{"operation", Input{{4, 3}}, {}},
               {"logits", Dense{2, Activation::none, sample::zeros(2, 12)}, {0}}}},
             0,
             {4, 3}}};
  }
};

template <>
struct SamplesOf<Conv1d> {
  static std::vector<OperationSample> make() {
    const Conv1d strided{
        .out_channels = 4, .kernel = 5, .stride = 2, .pad_left = 1, .pad_right = 3};
    const Conv1d grouped{.out_channels = 6,
                         .kernel = 3,
                         .pad_left = 2,
                         .pad_right = 2,
                         .dilation = 2,
                         .groups = 3,
                         .activation = Activation::relu};
    const Conv1d depthwise{
        .out_channels = 6, .kernel = 3, .pad_left = 1, .pad_right = 1, .groups = 6};
    return {sample::of_one(sample::conv(strided, 6), {6, 4}, 6 * 4 * 5 * 6),
            sample::of_one(sample::conv(grouped, 6), {12, 6}, 12 * 6 * 3 * 2),
            sample::of_one(sample::conv(depthwise, 6), {12, 6}, 12 * 6 * 3)};
  }
};

template <>
struct SamplesOf<BatchNorm> {
  static std::vector<OperationSample> make() {
    const std::vector<float> channels(sample::kChannels);
    return {sample::of_one(BatchNorm{channels, channels, channels, channels}, {12, 6})};
  }
};

template <>
struct SamplesOf<Relu> {
  static std::vector<OperationSample> make() { return {sample::of_one(Relu{}, {12, 6})}; }
};

template <>
struct SamplesOf<MaxPool> {
  static std::vector<OperationSample> make() {
    return {sample::of_one(MaxPool{2, 2}, {6, 6}), sample::of_one(MaxPool{3, 2, 1, 1}, {6, 6})};
  }
};

template <>
struct SamplesOf<AveragePool> {
  static std::vector<OperationSample> make() {
    return {sample::of_one(AveragePool{3, 1, 1, 1}, {12, 6}),
            sample::of_one(AveragePool{2, 2}, {6, 6}),
            sample::of_one(AveragePool{3, 2, 1, 1}, {6, 6})};  // neither of LiteRT's paddings
  }
};

template <>
struct SamplesOf<GlobalAveragePool> {
  static std::vector<OperationSample> make() {
    return {sample::of_one(GlobalAveragePool{}, {1, 6})};
  }
};

template <>
struct SamplesOf<Dense> {
  static std::vector<OperationSample> make() {
    return {sample::of_one(Dense{5, Activation::relu, sample::zeros(5, 72)}, {1, 5}, 5 * 72)};
  }
};

template <>
struct SamplesOf<Add> {
  static std::vector<OperationSample> make() {
    return {sample::behind_convolutions({{"operation", Add{}, {1, 2}}}, {12, 6}),
            sample::behind_convolutions({{"operation", Add{Activation::relu}, {2, 1}}}, {12, 6})};
  }
};

template <>
struct SamplesOf<Mul> {
  static std::vector<OperationSample> make() {
    return {sample::behind_convolutions({{"operation", Mul{}, {1, 2}}}, {12, 6}),
            sample::behind_convolutions(
                {{"gate", GlobalAveragePool{}, {2}}, {"operation", Mul{}, {1, 3}}}, {12, 6})};
  }
};

template <>
struct SamplesOf<Elementwise> {
  // Functions with names: the enumerators.
  static std::vector<OperationSample> make() {
    std::vector<OperationSample> all;
    for (int f = 0; !function_name(static_cast<Elementwise::Function>(f)).empty(); ++f) {
      const auto function = static_cast<Elementwise::Function>(f);
      all.push_back(sample::of_one(Elementwise{.function = function}, {12, 6}));
    }
    all.push_back(sample::of_one(Elementwise{.low = -0.5F, .high = 0.75F}, {12, 6}));
    return all;
  }
};

template <>
struct SamplesOf<Concat> {
  static std::vector<OperationSample> make() {
    return {sample::behind_convolutions({{"operation", Concat{}, {1, 2}}}, {12, 12}),
            sample::behind_convolutions({{"operation", Concat{}, {2, 1, 2}}}, {12, 18})};
  }
};

// In the order of Op.
inline std::vector<OperationSample> operation_samples() {
  const auto of_all = []<typename... Operations>(std::type_identity<std::variant<Operations...>>) {
    std::vector<OperationSample> all;
    const auto add = [&all](std::vector<OperationSample> samples) {
      for (OperationSample& one : samples) all.push_back(std::move(one));
    };
    (add(SamplesOf<Operations>::make()), ...);
    return all;
  };
  return of_all(std::type_identity<Op>{});
}

}  // namespace edgeproof::graph
