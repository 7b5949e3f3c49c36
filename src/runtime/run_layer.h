#pragma once

// One step of a program on an arena. Internal to runtime.

#include <cstring>
#include <span>

#include "graph/elementwise.h"
#include "runtime/aligned.h"
#include "runtime/kernels/reference.h"
#include "runtime/program.h"

namespace edgeproof::runtime {

// Vectors narrower than a cache line may be read past the last activation.
inline constexpr std::size_t kReadPastEnd = kCacheLine;

// Runs one layer; the result is how many values it clipped.
struct RunLayer {
  const Kernels& kernels;
  bool int8;
  std::span<const float> window;
  std::byte* arena;
  const Step& step;
  std::byte* out;
  std::byte* scratch;
  bool count;

  template <typename T>
  const T* in_as(std::size_t which = 0) const {
    return reinterpret_cast<const T*>(arena + step.in[which]);
  }
  template <typename T>
  T* out_as() const {
    return reinterpret_cast<T*>(out);
  }
  const Kernels& kernels_for(Packing packing) const {
    return packing == Packing::none ? reference_kernels() : kernels;
  }

  std::int64_t operator()(const CopyInput&) const {
    std::memcpy(out, window.data(), window.size_bytes());
    return 0;
  }
  std::int64_t operator()(const Fused&) const { return 0; }
  std::int64_t operator()(const graph::Quantization& to) const {
    return kernels.quantize(window, to, out_as<std::int8_t>(), count);
  }
  std::int64_t operator()(const FloatConv& conv) const {
    kernels_for(conv.packed.packing)
        .conv_float(conv, in_as<float>(), out_as<float>(), reinterpret_cast<float*>(scratch));
    return 0;
  }
  std::int64_t operator()(const Int8Conv& conv) const {
    return kernels_for(conv.packed.packing)
        .conv_int8(conv, in_as<std::int8_t>(), out_as<std::int8_t>(),
                   reinterpret_cast<std::int16_t*>(scratch), count);
  }
  std::int64_t operator()(const MaxPoolLayer& layer) const {
    if (int8) {
      kernels.max_pool_int8(layer.pool, in_as<std::int8_t>(), out_as<std::int8_t>());
    } else {
      kernels.max_pool_float(layer.pool, in_as<float>(), out_as<float>());
    }
    return 0;
  }
  std::int64_t operator()(const AverageLayer& layer) const {
    if (int8) {
      kernels.average_int8(layer.pool, in_as<std::int8_t>(), out_as<std::int8_t>());
    } else {
      kernels.average_float(layer.pool, in_as<float>(), out_as<float>());
    }
    return 0;
  }
  std::int64_t operator()(const FloatAdd& add) const {
    kernels.add_float(add, in_as<float>(0), in_as<float>(1), out_as<float>());
    return 0;
  }
  std::int64_t operator()(const Int8Add& add) const {
    return kernels.add_int8(add, in_as<std::int8_t>(0), in_as<std::int8_t>(1),
                            out_as<std::int8_t>());
  }
  std::int64_t operator()(const FloatMul& mul) const {
    kernels.mul_float(mul, in_as<float>(0), in_as<float>(1), out_as<float>());
    return 0;
  }
  std::int64_t operator()(const Int8Mul& mul) const {
    return kernels.mul_int8(mul, in_as<std::int8_t>(0), in_as<std::int8_t>(1),
                            out_as<std::int8_t>());
  }
  std::int64_t operator()(const FloatFunction& layer) const {
    const float* in = in_as<float>();
    float* to = out_as<float>();
    for (std::size_t i = 0; i < layer.size; ++i) to[i] = graph::evaluate(layer.op, in[i]);
    return 0;
  }
  std::int64_t operator()(const Int8Function& layer) const {
    return look_up(layer.table, {in_as<std::int8_t>(), layer.size}, out_as<std::int8_t>());
  }
  std::int64_t operator()(const ConcatLayer& layer) const {
    std::byte* to = out;
    for (int position = 0; position < layer.length; ++position) {
      for (std::size_t i = 0; i < layer.row_bytes.size(); ++i) {
        const std::size_t bytes = layer.row_bytes[i];
        std::memcpy(to, in_as<std::byte>(i) + static_cast<std::size_t>(position) * bytes, bytes);
        to += bytes;
      }
    }
    return 0;
  }
  std::int64_t operator()(const Affine& layer) const {
    affine(layer, in_as<float>(), out_as<float>());
    return 0;
  }
  std::int64_t operator()(const ReluLayer& layer) const {
    relu({in_as<float>(), layer.size}, out_as<float>());
    return 0;
  }
};

// `window` is read by the input. The result is how many values were clipped, of the
// input and of convolutions if `count`.
inline std::int64_t run_step(const Program& program, const Step& step,
                             std::span<const float> window, std::span<std::byte> arena,
                             std::span<std::byte> scratch, bool count = false) noexcept {
  return std::visit(RunLayer{*program.kernels, program.int8, window, arena.data(), step,
                             arena.data() + step.out, scratch.data(), count},
                    step.layer);
}

// The last step's output, dequantized.
inline void write_logits(const Program& program, const std::byte* arena,
                         std::span<float> logits) noexcept {
  const std::byte* output = arena + program.steps.back().out;
  if (!program.int8) {
    std::memcpy(logits.data(), output, logits.size_bytes());
    return;
  }
  const auto* quantized = reinterpret_cast<const std::int8_t*>(output);
  const graph::Quantization q = program.output_quantization;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits[i] = q.scale * static_cast<float>(quantized[i] - q.zero_point);
  }
}

}  // namespace edgeproof::runtime
