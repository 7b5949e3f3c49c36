#pragma once

// A convolution or dense layer as C. Ways to compute the same integers:
//
// - plain C: two output channels by two positions at a time;
// - DSP extension (conv_dsp.cpp), MVE (conv_mve.cpp): where the layer fits them;
// - rows: four output channels at one position; with the DSP extension and MVE dense layers, and
//   convolutions that do not fit those.
//
// The input's zero point is folded into the bias: acc = bias - zero * sum(w) + sum(x * w), with
// padding that holds the zero point. Where all sums are small enough ("narrow"), both roundings of
// the requantization are one (runtime/kernels/requantize-inl.h has the proof):
//   y = (high32(4 acc * multiplier) + round - 2 [acc < 0]) >> shift,
//   round = 1 + 2^s + zero_point * 2^(s + 1), shift = s + 1, multiplier * 2^-(31 + s) the scale.

#include <cstdint>
#include <string>
#include <vector>

#include "formats/c/module.h"
#include "formats/c/text.h"

namespace edgeproof::formats::c {

// What the writers need of one layer.
struct Conv {
  const Step* step = nullptr;
  const runtime::Int8Conv* layer = nullptr;
  int bits = 8;       // of a weight in memory
  int positions = 0;  // of the output before pooling, those that no pool reads left out
  // Of them [head, tail) stay at a hop; both 0: all are computed anew.
  int head = 0, tail = 0;
  bool input_is_kept = false;  // until the next hop
  int run = 0;                 // values of the input side by side that meet weights side by side
  int segments = 1;            // of them
  bool narrow = false;
  std::int64_t largest_sum = 0;              // bound on |acc|
  std::vector<FixedMultiplier> multipliers;  // zero for channels whose results are all zero
  std::vector<std::int32_t> bias;            // input zero point folded in, modulo 2^32

  const runtime::ConvGeometry& geometry() const { return layer->geometry; }
  int taps() const { return run * segments; }
  int row_step() const { return geometry().stride * geometry().in_channels; }  // between positions
  int segment_step() const { return geometry().dilation * geometry().in_channels; }
  bool depthwise() const {
    return geometry().groups > 1 && geometry().groups == geometry().in_channels &&
           geometry().groups == geometry().out_channels;
  }
  int group_channels() const { return geometry().out_channels / geometry().groups; }
  // Arguments of kernels: the positions to leave out. `tail` is of the layer's function.
  std::string left_out() const { return tail > 0 ? fmt::format("{}, tail", head) : "0, 0"; }
  int lowest() const { return layer->relu ? layer->output.zero_point : -128; }
  std::int8_t weight(int channel, int tap) const {
    return layer->weights[static_cast<std::size_t>(channel) * taps() + tap];
  }
};

Conv describe(const Module& module, const Step& step);

// Memory of the layer while it runs.
std::size_t scratch_bytes(const Conv& conv, Target target);

bool fits_dsp(const Conv& conv);
bool fits_mve(const Conv& conv);
bool fits_depthwise(const Conv& conv, Target target);
bool fits_rows(const Conv& conv, Target target);
// Statements that run once for each group `g`, and what they work on in C.
std::string for_each_group(const Conv& conv, const std::string& statements);
std::string of_group(const Conv& conv, const std::string& first, int step);

std::size_t dsp_scratch_bytes(const Conv& conv);
std::size_t mve_scratch_bytes(const Conv& conv);
std::size_t depthwise_scratch_bytes(const Conv& conv, Target target);

// Values of a channel: an initializer of ep_channel. `scale` is a power of two that the sums carry.
struct Channel {
  std::int32_t bias = 0, multiplier = 0, round = 0, shift = 0;
};
Channel channel(const Conv& conv, int index, int log2_scale = 0);
// The same as three tables for vectors: NAME_bias, NAME_multiplier, NAME_shift.
Tables vector_table(const std::string& name, const std::vector<Channel>& channels);
Tables channel_table(const std::string& name, const std::vector<Channel>& channels);

// Weights by output channels, and channel_table().
Tables plain_tables(const Conv& conv);

// Weights of `bits` in a stream of bytes, the lowest bits first; rows begin at bytes.
std::vector<std::int8_t> pack_rows(const std::vector<std::int8_t>& values, int row, int bits);

// Tables of the layer, and the statements of its function.
struct Code {
  Tables tables;
  std::string body;
};
Code code_for(const Conv& conv, Target target);

// For those that it fits.
Code dsp_conv(const Conv& conv);
Code dsp_depthwise(const Conv& conv);
Code mve_conv(const Conv& conv);
Code mve_depthwise(const Conv& conv);

}  // namespace edgeproof::formats::c
