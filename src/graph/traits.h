#pragma once

// What is true of an operation whatever its parameters: one struct for each alternative of Op. An
// operation without a struct, or a struct without one of the members, does not compile where it is
// asked for.
//
// Whoever treats operations differently visits them with one overload each. Overloads for several
// operations name them (OneOf) or the trait that they share (the concepts below), never "all
// others": an operation that is new must not fall through into what others need.

#include <concepts>
#include <limits>
#include <variant>

#include "graph/ops.h"

namespace edgeproof::graph {

template <typename T, typename... Ts>
concept OneOf = (std::same_as<T, Ts> || ...);

struct InputCount {
  int least = 0, most = 0;
};
inline constexpr int kAnyNumber = std::numeric_limits<int>::max();

// Whether an output may be written over an input that nobody reads later (runtime/memory_plan.h).
enum class InPlace {
  never,
  unpadded,     // over its input, unless padding on the left lets it write ahead of what it reads
  first_input,  // over the first input only
  any_input,
};

// The members of every struct:
// - inputs: how many a node has;
// - is_pointwise: the values at a position are computed from the inputs' values at that position
//   (and from a gate of one position), so that streams compute new positions alone;
// - keeps_quantization: it moves levels about and computes none (graph.h);
// - multiply_accumulates: it sums products of inputs and weights, which cost.h counts;
// - folds: fold() merges it into the layer before it, and no int8 graph has it;
// - in_place.
template <typename Operation>
struct TraitsOf;

template <>
struct TraitsOf<Input> {
  static constexpr InputCount inputs{0, 0};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::never;
};

template <>
struct TraitsOf<Conv1d> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = true;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::never;
};

template <>
struct TraitsOf<BatchNorm> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = true;
  static constexpr InPlace in_place = InPlace::any_input;
};

template <>
struct TraitsOf<Relu> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = true;
  static constexpr InPlace in_place = InPlace::any_input;
};

template <>
struct TraitsOf<MaxPool> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = true;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::unpadded;
};

template <>
struct TraitsOf<AveragePool> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = true;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::unpadded;
};

template <>
struct TraitsOf<GlobalAveragePool> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = true;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::any_input;
};

template <>
struct TraitsOf<Dense> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = false;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = true;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::never;
};

template <>
struct TraitsOf<Add> {
  static constexpr InputCount inputs{2, 2};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::any_input;
};

template <>
struct TraitsOf<Mul> {
  static constexpr InputCount inputs{2, 2};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::first_input;  // the second may be a gate, shorter
};

template <>
struct TraitsOf<Elementwise> {
  static constexpr InputCount inputs{1, 1};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = false;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::any_input;
};

template <>
struct TraitsOf<Concat> {
  static constexpr InputCount inputs{2, kAnyNumber};
  static constexpr bool is_pointwise = true;
  static constexpr bool keeps_quantization = true;
  static constexpr bool multiply_accumulates = false;
  static constexpr bool folds = false;
  static constexpr InPlace in_place = InPlace::never;
};

// For overloads by trait.
template <typename Operation>
concept IsPointwise = TraitsOf<Operation>::is_pointwise;
template <typename Operation>
concept MultiplyAccumulates = TraitsOf<Operation>::multiply_accumulates;
template <typename Operation>
concept MultipliesNothing = !TraitsOf<Operation>::multiply_accumulates;
template <typename Operation>
concept Folds = TraitsOf<Operation>::folds;
template <typename Operation>
concept DoesNotFold = !TraitsOf<Operation>::folds;

// The same of a value.
struct Traits {
  InputCount inputs;
  bool is_pointwise, keeps_quantization, multiply_accumulates, folds;
  InPlace in_place;
};

inline Traits traits(const Op& op) {
  return std::visit(
      []<typename Operation>(const Operation&) {
        using Of = TraitsOf<Operation>;
        return Traits{
            Of::inputs, Of::is_pointwise, Of::keeps_quantization, Of::multiply_accumulates,
            Of::folds,  Of::in_place};
      },
      op);
}

}  // namespace edgeproof::graph
