#pragma once

// How a model is made, as a text: steps in their order, each with the parameters that differ from
// the study's own.
//
//   train                                  from random weights, on clean windows
//   train > ptq                            then quantized after training
//   train > prune(ratio=0.6) > finetune > ptq
//   train > qat(faults=true, teacher=fp32, temperature=4)
//
//   train      FP32, from random weights; always the first step, and only there; as finetune, and
//              architecture. In a study of a network that has been trained: that network
//   finetune   FP32, further: faults, teacher (one or more, a+b), temperature, share, divergence,
//              epochs, rate, member, consistency
//   qat        as finetune, with the integer program's rounding: weight_bits, activation_bits,
//              quantizer, calibration, percentile (train/network.h, train/trainer.h)
//   prune      channels removed: ratio, importance, scope, faults (importance on faulty windows),
//              or keep (how many stay: keep=conv1:16 conv2:24), rounds (src/compress)
//   sparsify   weights set to zero, which later steps keep so: ratio, scope (compress/sparsify.h)
//   ptq        integers from FP32, the last step: calibration, percentile, faults (calibrated on
//              faulty windows), equalize, smooth, alpha, rounding, bias_correction, weight_bits,
//              activation_bits, weight_clip (src/compress)
//
// prune(ratio=0.6, rounds=3) > finetune is train-and-prune in three rounds: short for three times
// prune > finetune, each pruning as much as brings the ratio to 0.6 at the end.

#include <string>
#include <string_view>
#include <vector>

#include "experiment/recipe_step.h"

namespace edgeproof::experiment {

struct Recipe {
  std::vector<RecipeStep> steps;
  std::vector<std::string> texts;  // of each step, in one way of writing

  // The first `count` steps: names what they make.
  std::string prefix(std::size_t count) const;
  std::string text() const { return prefix(steps.size()); }
  // How many steps there are up to and with the last one that trains.
  std::size_t trained() const;
  bool is_integer() const;  // what it makes: an integer program, else FP32
  bool is_quantization_aware() const;
  bool is_simulated() const;  // activations of fewer than 8 bits, in int8's memory and time
};

// Error bad_config, quoting the text, for an unknown step or parameter (with a suggestion), a value
// out of range, or steps in an order that makes no sense.
Recipe parse_recipe(std::string_view text);

// The same for a model that has been trained already: no step is 'train'.
Recipe parse_recipe_for_model(std::string_view text);

// Where 'train' stands for a network that has been trained already ([model] onnx): error bad_config
// if it has parameters.
void check_pretrained(const Recipe& recipe);

}  // namespace edgeproof::experiment
