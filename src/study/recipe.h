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
//              architecture
//   finetune   FP32, further: faults, teacher (one or more, a+b), temperature, share, epochs, rate,
//              member
//   qat        as finetune, with the integer program's rounding: weight_bits, quantizer,
//              calibration, percentile (train/network.h, train/trainer.h)
//   prune      channels removed: ratio
//   ptq        integers from FP32, the last step: calibration, percentile, faults (calibrated on
//              faulty windows), equalize, smooth, alpha, rounding, bias_correction, weight_bits,
//              weight_clip (src/compress)

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compress/data_rounding.h"
#include "compress/quantize.h"
#include "train/network.h"

namespace edgeproof::study {

enum class StepKind { train, finetune, qat, prune, ptq };

struct RecipeStep {
  StepKind kind = StepKind::train;
  bool faults = false;  // trained or calibrated on faulty data, as [fault_training] says
  std::vector<std::string> teachers;  // variants, whose FP32 networks are distilled
  double temperature = 2;             // of the distillation
  double share = 0.5;                 // of the loss that comes from the teacher
  std::optional<int> epochs;          // these: the study's, if not given
  std::string architecture;           // from the zoo: the study's, if empty
  int member = 0;                     // other random numbers, for the networks of an ensemble
  std::optional<double> rate, ratio, percentile, alpha;
  std::optional<std::string> calibration;
  bool equalize = false, smooth = false, bias_correction = false;
  compress::QuantizeOptions weights;  // their bits and clipping
  train::Quantizer quantizer = train::Quantizer::ema;
  compress::WeightRounding rounding = compress::WeightRounding::nearest;

  bool trains() const { return kind <= StepKind::qat; }
};

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
};

// Error bad_config, quoting the text, for an unknown step or parameter (with a suggestion), a value
// out of range, or steps in an order that makes no sense.
Recipe parse_recipe(std::string_view text);

}  // namespace edgeproof::study
