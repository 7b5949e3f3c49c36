// Test: export_test.cpp.

#include "formats/c/plain.h"

#include "core/error.h"

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

  std::string at(int node) const { return fmt::format("EP_AT{}", node); }
  std::string in(std::size_t i = 0) const { return at(step.inputs[i]); }
  std::string out() const { return at(step.output); }

  std::string pool(const char* function, const runtime::Pool& p) const {
    return fmt::format("  {}({}, {}, {}, {}, {}, {}, {}, {});\n", function, in(), out(),
                       p.in_length, p.channels, p.out_length, p.kernel, p.stride, p.pad_left);
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
    return {{},
            fmt::format("  const ep_operand a = {}, b = {}, sum = {};\n"
                        "  ep_add({}, {}, {}, {}, &a, &b, &sum, {});\n",
                        operand(layer.zero1, layer.multiplier1),
                        operand(layer.zero2, layer.multiplier2),
                        operand(layer.output.zero_point, layer.output_multiplier), in(0), in(1),
                        out(), layer.size, lowest(layer.bounds()))};
  }
  Code operator()(const runtime::Int8Mul& layer) const {
    return {{},
            fmt::format("  const ep_operand product = {};\n"
                        "  ep_multiply({}, {}, {}, {}, {}, {}, {}, &product, {});\n",
                        operand(layer.output.zero_point, layer.multiplier), in(0), in(1), out(),
                        layer.rows, layer.row, layer.zero1, layer.zero2, lowest(layer.bounds()))};
  }
  Code operator()(const runtime::Int8Function& layer) const {
    const Step& owner = table_owner(module, step);
    const std::string name = owner.name + "_levels";
    return {
        owner.node == step.node ? table<std::int8_t>("int8_t", name, layer.table.levels) : Tables{},
        fmt::format("  ep_look_up({}, {}, {}, {});\n", in(), out(), layer.size, name)};
  }
  Code operator()(const runtime::ConcatLayer& layer) const {
    const graph::Shape shape = module.activations[step.output].shape;
    Code code;
    std::size_t column = 0;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      code.body += fmt::format("  ep_copy_columns({}, {} + {}, {}, {}, {});\n", in(i), out(),
                               column, shape.length, layer.row_bytes[i], shape.channels);
      column += layer.row_bytes[i];
    }
    return code;
  }
  template <typename Other>
  Code operator()(const Other& /*layer*/) const {
    const graph::Node& node = module.graph.nodes[step.node];
    fail(ErrorCode::unsupported, "node '{}' ({}): has no C form{}", node.name,
         graph::op_name(node.op),
         std::is_same_v<Other, runtime::ReluLayer> ? ", expected a folded network" : "");
  }
};

}  // namespace

Code plain_code(const Module& module, const Step& step) {
  return std::visit(PlainCode{module, step}, module.program.steps[step.node].layer);
}

}  // namespace edgeproof::formats::c
