#pragma once

// What a Plan holds: the layers in order and where each reads and writes.

#include <string>
#include <variant>
#include <vector>

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/layers.h"
#include "runtime/kernels/level_table.h"

namespace edgeproof::runtime {

struct CopyInput {};
struct Fused {};  // done by the layer before

struct MaxPoolLayer {
  Pool pool;
};
struct AverageLayer {
  Pool pool;
};
struct ReluLayer {
  std::size_t size = 0;
};
struct FloatFunction {
  graph::Elementwise op;
  std::size_t size = 0;
};
struct Int8Function {
  LevelTable table;
  std::size_t size = 0;
};
struct ConcatLayer {
  int length = 0;
  std::vector<std::size_t> row_bytes;  // of each input: its channels
};

// graph::Quantization: the input is quantized so.
using Layer = std::variant<CopyInput, Fused, graph::Quantization, FloatConv, Int8Conv, MaxPoolLayer,
                           AverageLayer, Affine, ReluLayer, FloatAdd, Int8Add, FloatMul, Int8Mul,
                           FloatFunction, Int8Function, ConcatLayer>;

struct Step {
  Layer layer;
  std::vector<std::size_t> in;  // offsets in the arena, bytes; none for the input
  std::size_t out = 0;
};

struct Program {
  bool int8 = false;
  bool keep_all = false;
  std::vector<std::string> names;
  std::vector<graph::Shape> shapes;
  std::vector<Step> steps;         // one per node, in the graph's order
  std::size_t deployed_bytes = 0;  // the peak of all activations without fusion
  std::size_t arena_bytes = 0;     // what this machine uses
  std::size_t scratch_bytes = 0;
  graph::Quantization output_quantization;
  const Kernels* kernels = nullptr;
};

}  // namespace edgeproof::runtime
