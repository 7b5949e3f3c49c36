#pragma once

// What one convolution or dense layer sees and should give over calibration windows: what rounding
// its weights on data needs.
//
// The layer is a matrix product per group: a row for every window and output position, in it the
// inputs that the group's weights of one output channel meet there, [kernel, in_channels / groups].

#include <algorithm>
#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "graph/shapes.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

struct LayerData {
  // Geometry of the layer, without weights; a dense layer as as_convolution.h has it.
  graph::Conv1d conv;
  graph::Shape in;
  graph::FloatWeights weights;
  std::int64_t windows = 0;
  float input_scale = 0;
  // [windows, in]: input levels less their zero point.
  std::vector<std::int16_t> inputs;
  // [windows, positions, out_channels]: real outputs; empty if not asked for.
  std::vector<float> targets;

  int positions() const { return graph::conv_output_length(conv, in.length); }
  std::int64_t rows() const { return windows * positions(); }
  int group_inputs() const { return in.channels / conv.groups; }
  int group_outputs() const { return conv.out_channels / conv.groups; }
  int row_size() const { return conv.kernel * group_inputs(); }

  // The row of `window` and output `position` for `group`, in input levels, 0 where padded:
  // row_size() values to `to`.
  template <typename Value>
  void gather(std::int64_t window, int position, int group, Value* to) const {
    const std::int16_t* values = inputs.data() + window * in.size();
    const int start = position * conv.stride - conv.pad_left;
    for (int k = 0; k < conv.kernel; ++k) {
      const int at = start + k * conv.dilation;
      if (at < 0 || at >= in.length) {
        to = std::fill_n(to, group_inputs(), Value{0});
        continue;
      }
      const std::int16_t* from = values + at * in.channels + group * group_inputs();
      for (int i = 0; i < group_inputs(); ++i) *to++ = static_cast<Value>(from[i]);
    }
  }
};

// Collects the data of layer `node`: inputs as `int8` gives them, targets as `fp32` does. `int8` is
// what quantize() made of `fp32`, which is folded; at most `most` windows are run. Errors as
// CalibrationRun's.
LayerData layer_data(const graph::Graph& int8, const graph::Graph& fp32, int node,
                     const signal::WindowSet& windows, int most, bool with_targets);

}  // namespace edgeproof::compress
