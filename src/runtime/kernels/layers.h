#pragma once

// Layers as kernels see them: shapes resolved, multipliers computed, weights in the order that the
// chosen kernels read. A Plan makes them once; they never change. A dense layer is a convolution
// over a sequence of length 1 with all its input as channels.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include "core/fixed_point.h"
#include "graph/graph.h"
#include "runtime/aligned.h"

namespace edgeproof::runtime {

struct ConvGeometry {
  int in_length = 1, in_channels = 1;
  int out_length = 1, out_channels = 1;
  int kernel = 1, stride = 1, dilation = 1, groups = 1;
  int pad_left = 0, pad_right = 0;

  std::size_t in_size() const { return static_cast<std::size_t>(in_length) * in_channels; }
  std::size_t out_size() const { return static_cast<std::size_t>(out_length) * out_channels; }
  // Values of the input with its padding written out.
  std::size_t padded_size() const {
    return (static_cast<std::size_t>(in_length) + pad_left + pad_right) * in_channels;
  }
};

// How the kernels of an instruction set want weights.
struct PanelShape {
  // 32-bit lanes of a vector; 0 if weights are not packed.
  int lanes = 0;
  // int8 inputs of a step: 2, or 4 for dot products of bytes.
  int group = 0;
  // The most panels that a tile takes at once: 2 or 4.
  int tile = 0;
  // What is added to the int8 inputs of a step of 4.
  int offset = 0;
  bool fused_multiply_add = false;
};

// Weights and per-channel values lie in panels of `lanes` output channels, the last one filled up
// with zeros. What a panel holds depends on the kind:
// - full (groups = 1, and stride or dilation 1): the kernel x in_channels inputs of one output lie
//   side by side in scratch. FP32: [panel][input][lane]. Int8: `group` inputs make one step, four
//   of 8 bits for a dot product or two of 16 for the pairwise multiply-add:
//   [panel][(inputs + group - 1) / group][lane][group], with the channels of the panels of a tile
//   interleaved (panel_layout.h).
// - winograd (winograd.h): full convolutions of kernel 1, one for each point, of its transformed
//   weights; int8 in groups of two only.
// - depthwise (one input channel per output): FP32: [panel][kernel][lane]; int8 as above, tiles
//   being of `group` panels, and twice, if it shares_rows().
// - none: not packed; the reference kernel runs.
enum class Packing { none, full, winograd, depthwise };

struct PackedFloat {
  Packing packing = Packing::none;
  AlignedVector<float> weights, bias;
};

// Requantization parameters of all channels, in the order of the panels, for any multiplier: left
// shift, rounding high multiplication, rounding right shift (core/fixed_point.h).
struct WideRequantization {
  AlignedVector<std::int32_t> multiplier, left_shift, right_shift;
};

// The same for multipliers below a half and sums below 2^29: the requantized value and its zero
// point are (high32((sum << 2) * multiplier) + round) >> shift (requantize-inl.h).
struct NarrowRequantization {
  AlignedVector<std::int32_t> multiplier, round, shift;
  // A result was clipped if its sum is above the one or below the other.
  AlignedVector<std::int32_t> clip_above, clip_below;
  // Per panel: 1 if float_requantization.h has the same for all its channels, by the scales and
  // offsets below, which are empty for machines without fused multiply-add. With ReLU the bias and
  // clip_above then have its kZeroBits + start.
  std::vector<std::uint8_t> by_float;
  AlignedVector<float> float_scale, float_offset;
};

struct PackedInt8 {
  Packing packing = Packing::none;
  // Bytes are for steps of four, whose inputs are x + PanelShape::offset; 16 bits are for steps of
  // two, whose inputs are x - input_zero.
  std::variant<AlignedVector<std::int8_t>, AlignedVector<std::int16_t>> weights;
  // Includes what the offset of those inputs would add to the sums.
  AlignedVector<std::int32_t> bias;
  std::variant<WideRequantization, NarrowRequantization> requantization;

  bool is_narrow() const { return std::holds_alternative<NarrowRequantization>(requantization); }
};

// Whether a depthwise int8 layer has a second set of weights, a tap later, for every second
// position: the same steps then cover the taps of both.
inline bool shares_rows(const ConvGeometry& g, int group) {
  return g.stride == 1 && g.dilation == 1 && g.kernel % group != 0;
}

// Whether a SIMD convolution can take the maxima of pairs of its outputs; int8 only if
// is_narrow().
inline bool can_pool(const ConvGeometry& g, Packing packing) {
  return (packing == Packing::full || packing == Packing::winograd) && g.dilation == 1 &&
         g.out_length % 2 == 0;
}

struct FloatConv {
  ConvGeometry geometry;
  bool relu = false;
  // [out_channels, kernel, in_channels / groups]
  std::vector<float> weights;
  std::vector<float> bias;
  // The same as in Int8Conv.
  bool pool = false;
  PackedFloat packed;
};

// Bounds of a requantized value before the output's zero point is added, so that nothing can
// overflow: where it is clamped, and beyond where it counts as clipped. What ReLU cuts off below is
// not clipping.
struct Int8Bounds {
  bool relu = false;
  graph::Quantization output;

  std::int32_t lowest() const { return relu ? 0 : output.lowest() - output.zero_point; }
  std::int32_t highest() const { return output.highest() - output.zero_point; }
  std::int32_t clipped_below() const {
    return relu ? std::numeric_limits<std::int32_t>::min() : lowest();
  }
  bool clips(std::int32_t value) const { return value > highest() || value < clipped_below(); }
  std::int8_t clamp(std::int32_t value) const {
    return static_cast<std::int8_t>(std::clamp(value, lowest(), highest()) + output.zero_point);
  }
};

struct Int8Conv {
  ConvGeometry geometry;
  bool relu = false;
  std::int32_t input_zero = 0;
  graph::Quantization output;
  // [out_channels, kernel, in_channels / groups]
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> bias;
  // input_scale * weight_scale[c] / output_scale
  std::vector<FixedMultiplier> multipliers;
  // Only the larger of positions 2 i and 2 i + 1 is written, for each i < out_length / 2. Only if
  // can_pool(), of packed layers.
  bool pool = false;
  PackedInt8 packed;

  Int8Bounds bounds() const { return {relu, output}; }
};

// Padding on the right needs no field: windows end where the input does.
struct Pool {
  int in_length = 1, channels = 1, out_length = 1;
  int kernel = 1, stride = 1;
  int pad_left = 0;

  // First input inside the window of an output position, and the one behind the last.
  int first(int position) const { return std::max(position * stride - pad_left, 0); }
  int end(int position) const { return std::min(position * stride - pad_left + kernel, in_length); }
};

struct FloatAdd {
  std::size_t size = 0;
  bool relu = false;
};

// Each input, zero point taken off, is shifted left by kLeftShift and scaled by its scale / (2 x
// the larger input scale); the sum by 2 x the larger input scale / (2^kLeftShift x output scale).
struct Int8Add {
  static constexpr int kLeftShift = 20;
  std::size_t size = 0;
  bool relu = false;
  std::int32_t zero1 = 0, zero2 = 0;
  graph::Quantization output;
  // All are below 1: they shift right only.
  FixedMultiplier multiplier1, multiplier2, output_multiplier;

  Int8Bounds bounds() const { return {relu, output}; }
};

// `rows` rows of `row` values times one row of the second input: two inputs of one shape are one
// row, a sequence and its gate as many as it has positions.
struct FloatMul {
  std::size_t rows = 1, row = 0;
  bool relu = false;
};

// y = requantize((a - zero1) * (b - zero2), scale1 * scale2 / output_scale) + output_zero.
struct Int8Mul {
  std::size_t rows = 1, row = 0;
  bool relu = false;
  std::int32_t zero1 = 0, zero2 = 0;
  graph::Quantization output;
  FixedMultiplier multiplier;

  Int8Bounds bounds() const { return {relu, output}; }
};

// y = scale * x + shift per channel.
struct Affine {
  int length = 1;
  std::vector<float> scale, shift;
};

}  // namespace edgeproof::runtime
