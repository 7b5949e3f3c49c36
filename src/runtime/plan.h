#pragma once

// A graph made ready to run: validated, activations placed in an arena, requantization multipliers
// computed, weights packed for this machine.
//
// Immutable, cheap to copy and safe to share between threads; each thread runs it in its own
// Workspace (workspace.h).

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "graph/graph.h"

namespace edgeproof::runtime {

// How FP32 convolutions add up; int8 sums are exact in any order.
enum class FloatSums {
  fast,    // by Winograd's minimal filtering (kernels/winograd.h) where that is faster
  by_tap,  // tap by tap: every position's bits depend on the values that it reads alone
};

struct PlanOptions {
  // Every node keeps its output until the next run, so that it can be looked at (node_output()).
  bool keep_all = false;
  FloatSums float_sums = FloatSums::fast;
  // Instruction set: a name of Kernels, for instance "avx2"; "scalar" is the reference. Empty: what
  // environment variable EDGEPROOF_ISA says, or else the best of this machine.
  std::string isa = {};
};

struct Program;  // program.h

class Plan {
 public:
  // Error bad_input for a graph that is not valid, bad_config for an unknown instruction set.
  explicit Plan(const graph::Graph& graph, const PlanOptions& options = {});

  std::size_t input_size() const;   // values of a window, [length, channels]
  std::size_t output_size() const;  // logits
  bool is_int8() const;
  // The peak of all activations in the deployed type (1 or 4 bytes a value), input and output
  // included.
  std::size_t arena_bytes() const;
  std::span<const std::string> node_names() const;
  std::span<const graph::Shape> shapes() const;  // of every node's output
  const std::string& isa() const;

  const Program& program() const { return *program_; }

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace edgeproof::runtime
