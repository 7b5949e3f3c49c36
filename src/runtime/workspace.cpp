// Test: workspace_test.cpp.

#include "runtime/workspace.h"

#include <cassert>
#include <cstring>
#include <type_traits>

#include "graph/elementwise.h"
#include "runtime/kernels/reference.h"
#include "runtime/program.h"

namespace edgeproof::runtime {
namespace {

// Vectors narrower than a cache line may be read past the last activation.
constexpr std::size_t kReadPastEnd = kCacheLine;

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
    return kernels.quantize(window, to, out_as<std::int8_t>());
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

}  // namespace

Workspace::Workspace(const Plan& plan, bool count_clipped)
    : count_clipped_(count_clipped),
      arena_(plan.program().arena_bytes + kReadPastEnd),
      scratch_(plan.program().scratch_bytes),
      clipped_(plan.program().steps.size()) {}

void Workspace::run_steps(const Program& program, std::span<const float> window, std::size_t first,
                          std::size_t end) noexcept {
  std::byte* arena = arena_.data();
  for (std::size_t i = first; i < end; ++i) {
    const Step& step = program.steps[i];
    clipped_[i] = std::visit(RunLayer{*program.kernels, program.int8, window, arena, step,
                                      arena + step.out, scratch_.data(), count_clipped_},
                             step.layer);
  }
}

void run(const Plan& plan, Workspace& workspace, std::span<const float> window,
         std::span<float> logits) noexcept {
  const Program& program = plan.program();
  assert(window.size() == plan.input_size() && logits.size() == plan.output_size());
  assert(workspace.clipped_.size() == program.steps.size());
  workspace.run_steps(program, window, 0, program.steps.size());
  const std::byte* output = workspace.arena_.data() + program.steps.back().out;
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

template <typename T>
std::span<const T> node_output(const Plan& plan, const Workspace& workspace, int node) {
  const Program& program = plan.program();
  assert(program.keep_all && program.int8 == (std::is_same_v<T, std::int8_t>));
  const auto index = static_cast<std::size_t>(node);
  const std::byte* start = workspace.arena_.data() + program.steps[index].out;
  return {reinterpret_cast<const T*>(start),
          static_cast<std::size_t>(program.shapes[index].size())};
}

template <typename T>
std::span<T> node_values(const Plan& plan, Workspace& workspace, int node) {
  const std::span<const T> values = node_output<T>(plan, workspace, node);
  return {const_cast<T*>(values.data()), values.size()};
}

void run_nodes(const Plan& plan, Workspace& workspace, int first, int end,
               std::span<const float> window) noexcept {
  assert(first > 0 || window.size() == plan.input_size());
  workspace.run_steps(plan.program(), window, static_cast<std::size_t>(first),
                      static_cast<std::size_t>(end));
}

template std::span<const float> node_output(const Plan&, const Workspace&, int);
template std::span<const std::int8_t> node_output(const Plan&, const Workspace&, int);
template std::span<float> node_values(const Plan&, Workspace&, int);
template std::span<std::int8_t> node_values(const Plan&, Workspace&, int);

}  // namespace edgeproof::runtime
