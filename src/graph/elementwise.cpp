#include "graph/elementwise.h"

#include <algorithm>
#include <array>
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
  }
  return x;
}

std::string_view function_name(Elementwise::Function function) {
  constexpr std::array<std::string_view, 5> kNames = {"clip", "leaky_relu", "hard_swish", "sigmoid",
                                                      "tanh"};
  return kNames[static_cast<size_t>(function)];
}

}  // namespace edgeproof::graph
