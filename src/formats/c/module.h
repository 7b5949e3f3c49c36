#pragma once

// A network as the C writer sees it: what runs in which order, and where activations live.
//
// A convolution reads its padding from memory: the buffer of its input has room for it on both
// sides, so that all positions are alike. Maximum pooling of pairs happens before requantization.

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "runtime/program.h"
#include "runtime/stream_plan.h"

namespace edgeproof::formats::c {

// Which of the module's three forms: chosen by the C compiler's predefined macros.
enum class Target { portable, dsp, mve };
inline constexpr Target kTargets[] = {Target::portable, Target::dsp, Target::mve};

struct Activation {
  graph::Shape shape;
  int pad_left = 0, pad_right = 0;  // rows
  std::size_t bytes() const {
    return static_cast<std::size_t>(shape.length + pad_left + pad_right) * shape.channels;
  }
};

struct Step {
  int node = 0;
  std::string name;  // of its function
  std::vector<int> inputs;
  int output = 0;  // the node whose activation it writes: with pooling fused, the pooling's
  bool pool = false;
  bool input_needed_later = false;  // the first input
};

struct Module {
  graph::Graph graph;
  runtime::Program program;
  std::vector<Step> steps;
  std::vector<Activation> activations;  // per node; those nobody writes are empty
  // Of a streaming module: samples from one window to the next, and what of each activation stays.
  int hop = 0;
  std::vector<runtime::Kept> kept;

  const runtime::Kept& kept_by(const Step& step) const { return kept[step.output]; }

  // The convolution or dense layer of a step, otherwise null.
  const runtime::Int8Conv* conv(const Step& step) const {
    return std::get_if<runtime::Int8Conv>(&program.steps[step.node].layer);
  }
};

// `hop` 0: no streaming. Error bad_config for a hop beyond the window, unsupported for one at which
// every convolution is computed anew.
Module lower(const graph::Graph& graph, int hop = 0);

// Of a streaming module. Padding counts as if computed, as in graph::macs().
std::int64_t macs_per_hop(const Module& module);
// Activations kept from one hop to the next.
std::size_t state_bytes(const Module& module);

struct Arena {
  std::vector<std::size_t> activations;  // offset of the first value, padding before it, per node
  std::vector<std::size_t> scratch;      // per step
  std::size_t bytes = 0;
};

// `scratch_bytes`: what each step needs while it runs.
Arena plan_arena(const Module& module, const std::vector<std::size_t>& scratch_bytes);

}  // namespace edgeproof::formats::c
