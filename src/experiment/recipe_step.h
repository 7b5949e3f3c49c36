#pragma once

// One step of a recipe, with its parameters (recipe.h says what they mean).

#include <optional>
#include <string>
#include <vector>

#include "compress/data_rounding.h"
#include "compress/importance.h"
#include "compress/prune.h"
#include "compress/quantize.h"
#include "compress/sparsify.h"
#include "core/enum_words.h"
#include "train/quantizer.h"
#include "train/trainer.h"

namespace edgeproof::experiment {

enum class StepKind { train, finetune, qat, prune, sparsify, ptq };

inline constexpr auto kStepWords = enum_words<StepKind>({{StepKind::train, "train"},
                                                         {StepKind::finetune, "finetune"},
                                                         {StepKind::qat, "qat"},
                                                         {StepKind::prune, "prune"},
                                                         {StepKind::sparsify, "sparsify"},
                                                         {StepKind::ptq, "ptq"}});

struct RecipeStep {
  StepKind kind = StepKind::train;
  bool faults = false;  // trained or calibrated on faulty data, as [fault_training] says
  std::vector<std::string> teachers;  // variants, whose FP32 networks are distilled
  double temperature = 2;             // of the distillation
  double share = 0.5;                 // of the loss that comes from the teacher
  train::Divergence divergence = train::Divergence::forward;  // of teacher and student
  double consistency = 0;     // its weight, of faulty and clean windows side by side; 0: none
  std::optional<int> epochs;  // these: the study's, if not given
  std::string architecture;   // from the zoo: the study's, if empty
  int member = 0;             // other random numbers, for the networks of an ensemble
  std::optional<double> rate, ratio, percentile, alpha;
  std::optional<std::string> calibration;
  bool equalize = false, smooth = false, bias_correction = false;
  compress::QuantizeOptions weights;  // their bits and clipping
  int activation_bits = 8;            // fewer are simulated in int8
  train::Quantizer quantizer = train::Quantizer::ema;
  compress::Importance importance = compress::Importance::l1;
  compress::PruneScope prune_scope = compress::PruneScope::uniform;
  std::vector<compress::Keep> keep;  // of pruning; empty: by ratio
  int rounds = 1;                    // of pruning and fine-tuning; 1 in a parsed recipe
  compress::WeightRounding rounding = compress::WeightRounding::nearest;
  compress::SparsifyScope sparsify_scope = compress::SparsifyScope::global;
  bool keep_zeros = false;  // not set by a parameter: a step before this one sparsifies

  bool trains() const {
    return kind == StepKind::train || kind == StepKind::finetune || kind == StepKind::qat;
  }
  bool prunes() const { return kind == StepKind::prune || kind == StepKind::sparsify; }
};

}  // namespace edgeproof::experiment
