#pragma once

// A graph as a LibTorch network: what training differentiates.
//
// Built from an FP32 graph whose BatchNorm and Relu nodes can be folded (graph/fold.h): each layer
// is a convolution or dense, with the BatchNorm and Relu that follow it. Activations are [N, C, 1,
// L] in channels-last memory, which is our [N, L, C] seen by LibTorch's fastest kernels.
//
// With `fake_quant`, values are quantized and dequantized at exactly the points where the integer
// graph requantizes (Jacob et al. 2018, section 3): the input, the output of every layer
// and addition after its activation, the global average; weights per output channel after the
// BatchNorm has been folded into them. Gradients pass straight through inside the range and are
// zero outside. Activation ranges are exponential moving averages of batch minima and maxima,
// updated by training forward passes, or learned; they start from the output quantizations that the
// graph carries, otherwise from the first batch. Layers that a concatenation joins are quantized by
// the union of their ranges. Means, signed outputs (input, logits) and what a concatenation joins
// are never learned.
//
// One thread at a time. LibTorch stays out of this header.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "train/quantizer.h"

namespace at {
class Tensor;
}

namespace edgeproof::libtorch {

struct NetworkOptions {
  bool fake_quant = false;
  std::optional<train::QuantizerOptions> quantizer;  // nothing: as the graph's weight grids say
  double range_momentum = 0.01;  // of the moving average of activation ranges; 0: they stay
  double dropout = 0;            // share of the features before a dense layer that training zeroes
  std::uint64_t seed = 0;        // of the dropout masks
};

enum class Mode {
  train,         // batch statistics in BatchNorm, ranges move
  train_frozen,  // as deployed (running statistics), but ranges move and gradients flow
  evaluate,      // as deployed, rounding as the integer program does
};

class Network {
 public:
  // Error unsupported if the graph cannot be folded; bad_config as check() of the bits.
  Network(const graph::Graph& graph, const NetworkOptions& options);
  ~Network();
  Network(Network&&) noexcept;

  // windows [N, L, C] -> logits [N, classes].
  at::Tensor forward(const at::Tensor& windows, Mode mode);

  // What the optimizer updates: those that weight decay should shrink (weights), and the rest.
  std::vector<at::Tensor> weights() const;
  std::vector<at::Tensor> other_parameters() const;

  // After a backward pass: for every node and output channel of its full convolution, the gradient
  // times the parameters that scale the channel, summed (gamma and beta of its BatchNorm, else its
  // filter and bias). Other nodes have none. Gradients are zero afterwards.
  std::vector<std::vector<double>> take_gate_gradients();

  // Every number that evaluation uses: parameters and running statistics, and ranges. Averaging
  // them over steps gives a steadier network than any one step (Polyak & Juditsky 1992).
  class Snapshot;
  Snapshot snapshot() const;
  void restore(const Snapshot& snapshot);
  // snapshot += share * (now - snapshot)
  void blend_into(Snapshot& snapshot, double share) const;

  // Output quantizations of the folded graph `ranged` become the ranges; nodes are found by name.
  void set_ranges(const graph::Graph& ranged);

  // The graph with the parameters as they are now; with fake_quant it carries the ranges as output
  // quantizations, and weight grids where weights have fewer than 8 bits or learned scales
  // (compress::quantize takes it from there).
  graph::Graph graph() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Network::Snapshot {
 public:
  Snapshot();
  ~Snapshot();
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;

 private:
  friend class Network;
  std::vector<at::Tensor> tensors_;
  std::vector<float> ranges_;
};

}  // namespace edgeproof::libtorch
