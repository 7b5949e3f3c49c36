#include "graph/elementwise.h"

#include <algorithm>
#include <cmath>

namespace edgeproof::graph {

float evaluate(const Elementwise& op, float x) {
  using enum Elementwise::Function;
  switch (op.function) {
    case clip:
      return std::min(std::max(x, op.low), op.high);
    case leaky_relu:
      return x >= 0 ? x : op.slope * x;
    case hard_swish:
      return x * std::min(std::max(x + 3, 0.0F), 6.0F) / 6;
    case sigmoid:
      return 1 / (1 + std::exp(-x));
    case tanh:
      return std::tanh(x);
    case elu:  // as LiteRT's int8 table has it, not by std::expm1
      return x < 0 ? op.alpha * (std::exp(x) - 1) : x;
  }
  return x;
}

std::string_view function_name(Elementwise::Function function) {
  using enum Elementwise::Function;
  switch (function) {
    case clip:
      return "clip";
    case leaky_relu:
      return "leaky_relu";
    case hard_swish:
      return "hard_swish";
    case sigmoid:
      return "sigmoid";
    case tanh:
      return "tanh";
    case elu:
      return "elu";
  }
  return {};
}

}  // namespace edgeproof::graph
