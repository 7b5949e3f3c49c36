// Test: export_test.cpp.

#include "formats/c/plain.h"

#include "core/error.h"
#include "formats/c/streaming.h"
#include "graph/traits.h"

namespace edgeproof::formats::c {
namespace {

std::string operand(std::int32_t zero, FixedMultiplier m) {
  return fmt::format("{{{}, {}, {}}}", zero, m.multiplier, m.shift);
}

int lowest(const runtime::Int8Bounds& bounds) {
  return bounds.relu ? bounds.output.zero_point : -128;
}

const runtime::Int8Function* function(const Module& module, const Step& step) {
  return std::get_if<runtime::Int8Function>(&module.program.steps[step.node].layer);
}

// Functions with equal tables share that of the first of them.
const Step& table_owner(const Module& module, const Step& step) {
  for (const Step& other : module.steps) {
    const auto* candidate = function(module, other);
    if (candidate != nullptr && candidate->table.levels == function(module, step)->table.levels) {
      return other;
    }
  }
  return step;
}

struct PlainCode {
  const Module& module;
  const Step& step;

  bool parted() const { return module.kept_by(step).count > 0; }
  std::string at(int node) const { return fmt::format("EP_AT{}", node); }
  std::string in(std::size_t i = 0) const { return at(step.inputs[i]); }
  std::string out() const { return at(step.output); }
  // Where the part begins that is computed, of an activation with as many channels.
  std::string part(const std::string& activation, std::size_t channels) const {
    return parted() ? fmt::format("{} + first * {}", activation, channels) : activation;
  }
  std::string part(int node) const {
    return part(at(node), static_cast<std::size_t>(module.activations[step.output].shape.channels));
  }
  std::string in_part(std::size_t i = 0) const { return part(step.inputs[i]); }
  std::string out_part() const { return part(step.output); }
  // Of the part, where the whole has `size` values.
  std::string values(std::size_t size) const {
    const int length = module.activations[step.output].shape.length;
    return parted() ? fmt::format("(end - first) * {}", size / static_cast<std::size_t>(length))
                    : fmt::format("{}", size);
  }
  std::string body(const std::string& statements) const {
    return parted() ? over_parts(module, step, statements) : statements;
  }

  std::string pool(const char* function, const runtime::Pool& p) const {
    const std::string range = parted() ? "first, end" : fmt::format("0, {}", p.out_length);
    return body(fmt::format("  {}({}, {}, {}, {}, {}, {}, {}, {});\n", function, in(), out(),
                            p.in_length, p.channels, range, p.kernel, p.stride, p.pad_left));
  }

  Code operator()(const runtime::MaxPoolLayer& layer) const {
    return {{}, pool("ep_max_pool", layer.pool)};
  }
  Code operator()(const runtime::AverageLayer& layer) const {
    const runtime::Pool& p = layer.pool;
    if (p.out_length > 1 || p.first(0) > 0 || p.end(0) < p.in_length) {
      return {{}, pool("ep_average_pool", p)};
    }
    return {{},
            fmt::format("  ep_average({}, {}, {}, {});\n", in(), out(), p.in_length, p.channels)};
  }
  Code operator()(const runtime::Int8Add& layer) const {
    return {
        {},
        fmt::format("  const ep_operand a = {}, b = {}, sum = {};\n",
                    operand(layer.zero1, layer.multiplier1),
                    operand(layer.zero2, layer.multiplier2),
                    operand(layer.output.zero_point, layer.output_multiplier)) +
            body(fmt::format("  ep_add({}, {}, {}, {}, &a, &b, &sum, {});\n", in_part(0),
                             in_part(1), out_part(), values(layer.size), lowest(layer.bounds())))};
  }
  Code operator()(const runtime::Int8Mul& layer) const {
    return {{},
            fmt::format("  const ep_operand product = {};\n",
                        operand(layer.output.zero_point, layer.multiplier)) +
                body(fmt::format("  ep_multiply({}, {}, {}, {}, {}, {}, {}, &product, {});\n",
                                 in_part(0), in_part(1), out_part(), layer.rows, values(layer.row),
                                 layer.zero1, layer.zero2, lowest(layer.bounds())))};
  }
  Code operator()(const runtime::Int8Function& layer) const {
    const Step& owner = table_owner(module, step);
    const std::string name = owner.name + "_levels";
    return {
        owner.node == step.node ? table<std::int8_t>("int8_t", name, layer.table.levels) : Tables{},
        body(fmt::format("  ep_look_up({}, {}, {}, {});\n", in_part(), out_part(),
                         values(layer.size), name))};
  }
  Code operator()(const runtime::ConcatLayer& layer) const {
    const graph::Shape shape = module.activations[step.output].shape;
    std::string copies;
    std::size_t column = 0;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const std::size_t channels = layer.row_bytes[i];
      copies += fmt::format("  ep_copy_columns({}, {} + {}, {}, {}, {});\n", part(in(i), channels),
                            out_part(), column,
                            parted() ? "end - first" : fmt::format("{}", shape.length), channels,
                            shape.channels);
      column += channels;
    }
    return {{}, body(copies)};
  }
  // Layers of FP32 programs, and those that are no plain code: convolutions (conv.h), the input,
  // and what the layer before does.
  template <graph::OneOf<runtime::CopyInput, runtime::Fused, graph::Quantization,
                         runtime::FloatConv, runtime::Int8Conv, runtime::Affine, runtime::ReluLayer,
                         runtime::FloatAdd, runtime::FloatMul, runtime::FloatFunction>
                Layer>
  Code operator()(const Layer& /*layer*/) const {
    const graph::Node& node = module.graph.nodes[step.node];
    fail(ErrorCode::unsupported, "node '{}' ({}): has no C form", node.name,
         graph::op_name(node.op));
  }
};

}  // namespace

Code plain_code(const Module& module, const Step& step) {
  return std::visit(PlainCode{module, step}, module.program.steps[step.node].layer);
}

}  // namespace edgeproof::formats::c
