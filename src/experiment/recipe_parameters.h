#pragma once

// The list of all parameters of a recipe's steps: the steps that take it, its name, its value, and
// which values it may have. Internal to recipe.cpp.
//
// `visitor` has parameter(steps, name, value&) for truth values and for what has a syntax of its
// own; with Allowed for numbers and words; with the words of an enumeration for its values.

#include <initializer_list>

#include "compress/calibrate.h"
#include "core/allowed.h"
#include "experiment/recipe_step.h"
#include "graph/zoo.h"

namespace edgeproof::experiment {

using StepKinds = std::initializer_list<StepKind>;

template <typename Visitor>
void visit(Visitor& v, RecipeStep& s) {
  using enum StepKind;
  const StepKinds training{train, finetune, qat};
  const StepKinds quantizing{qat, ptq};

  v.parameter({prune, sparsify}, "ratio", s.ratio, between(0, 0.99));
  v.parameter({prune}, "importance", s.importance, compress::importance_names());
  v.parameter({prune}, "scope", s.prune_scope, compress::prune_scope_names());
  v.parameter({sparsify}, "scope", s.sparsify_scope, compress::sparsify_scope_names());
  v.parameter({prune}, "keep", s.keep);
  v.parameter({prune}, "rounds", s.rounds, between(1, 100));

  v.parameter({train, finetune, qat, prune, ptq}, "faults", s.faults);
  v.parameter(training, "teacher", s.teachers);
  v.parameter(training, "temperature", s.temperature, between(0.1, 100));
  v.parameter(training, "share", s.share, between(0, 1));
  v.parameter(training, "divergence", s.divergence, train::divergence_names());
  v.parameter(training, "epochs", s.epochs, between(1, 100000));
  v.parameter(training, "rate", s.rate, between(1e-9, 10));
  v.parameter(training, "member", s.member, between(0, 999));
  v.parameter(training, "consistency", s.consistency, between(0, 1000));
  v.parameter({train}, "architecture", s.architecture, one_of(graph::architectures()));

  v.parameter(quantizing, "calibration", s.calibration, one_of(compress::calibration_names()));
  v.parameter(quantizing, "percentile", s.percentile, between(50, 100));
  v.parameter(quantizing, "weight_bits", s.weights.weight_bits);
  v.parameter(quantizing, "activation_bits", s.activation_bits, between(2, 8));
  v.parameter({qat}, "quantizer", s.quantizer, train::quantizer_names());
  v.parameter({ptq}, "weight_clip", s.weights.weight_clip, compress::weight_clip_names());
  v.parameter({ptq}, "rounding", s.rounding, compress::weight_rounding_names());
  v.parameter({ptq}, "equalize", s.equalize);
  v.parameter({ptq}, "smooth", s.smooth);
  v.parameter({ptq}, "alpha", s.alpha, between(0, 1));
  v.parameter({ptq}, "bias_correction", s.bias_correction);
}

}  // namespace edgeproof::experiment
