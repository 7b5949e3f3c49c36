#pragma once

// The list of all keys of study.toml: section, key, value, meaning, and the values allowed.
//
// `visitor` has section(name, meaning), key(name, value&, meaning, Allowed), table(), claims() and
// setting(name, value&, meaning, Allowed, applies): a key that goes with what other keys say, or
// does not: one of [data] with the source named there, 'steps' with an 'epochs' of 0.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compress/calibrate.h"
#include "core/allowed.h"
#include "core/enum_words.h"
#include "core/text.h"
#include "experiment/config.h"
#include "experiment/variants.h"
#include "faults/expression.h"
#include "graph/zoo.h"
#include "signal/readers/registry.h"
#include "targets/device.h"

namespace edgeproof::experiment {

inline Allowed suite_words() {
  Allowed allowed = one_of(faults::suites());
  allowed.words.push_back("none");
  return allowed;
}

inline Allowed target_words() {
  Allowed allowed = one_of(targets::device_targets());
  allowed.empty_list = true;
  return allowed;
}

// "Where signals come from: imu (people in motion, generated), csv (...)."
inline std::string source_meaning() {
  std::vector<std::string> texts;
  for (const signal::Source& source : signal::sources()) {
    texts.push_back(fmt::format("{} ({})", source.name, source.meaning));
  }
  return join(texts, ", ") + ".";
}

inline std::string bounds_text(EpochBounds bounds) {
  return fmt::format("from {} to {}", bounds.min, bounds.max);
}

// Enumerations are words in the file.
template <typename Visitor, typename Enum, std::size_t N>
void visit_enum(Visitor& visitor, std::string_view key, Enum& value, std::string_view meaning,
                const EnumWords<Enum, N>& words) {
  std::string word(words.word(value));
  visitor.key(key, word, meaning, one_of(words.all()));
  value = words.value(word).value();
}

// The keys that go with the source, then those that do not.
template <typename Visitor>
void visit_settings(Visitor& visitor, DataConfig& data) {
  const signal::Source* source = signal::source_named(data.source);
  for (const bool applies : {true, false}) {
    for (const signal::SourceKey& key : signal::all_keys()) {
      if ((source != nullptr && signal::has_key(*source, key.name)) != applies) continue;
      std::visit(
          [&](auto value) {
            visitor.setting(key.name, value, key.meaning, key.allowed, applies);
            data.settings.set(key.name, value, key.value);
          },
          data.settings.get(key.name, key.value));
    }
  }
}

template <typename Visitor>
void visit(Visitor& v, Config& c) {
  v.section("study", "What is compared.");
  v.key("name", c.name, "Names the study in its report; empty: [data] source.");
  v.key("seeds", c.seeds, "One training of everything for each; at least 3 for honest intervals.",
        between(0, 1e9));
  v.key("variants", c.variants,
        "Models to compare; their control arms should be among them. There are " +
            join(variant_names(), ", ") + ", and those of [recipes].");

  v.section("data", "Where the signals come from.");
  v.key("source", c.data.source, source_meaning(), one_of(signal::source_names()));
  v.key("resample_hz", c.data.resample_hz, "Of streams: the rate to work at; 0: as recorded.",
        between(0, 1e9));
  visit_settings(v, c.data);

  v.section("window", "How streams are cut; data that comes cut keeps its windows.");
  v.key("length", c.window.length, "One window.", between(0, 1e7));
  v.key("hop", c.window.hop, "From one window's start to the next one's.", between(0, 1e7));
  v.key("unit", c.window.unit, "Of length, hop and event_offset.",
        one_of(std::vector<std::string>{"samples", "seconds"}));
  v.key("purity", c.window.purity, "Share of a window's samples that its label must have.",
        between(0, 1));
  v.key("event_offset", c.window.event_offset,
        "Where there are events (mitbih, wfdb), a window surrounds each: it begins so much before "
        "it; -1: half the length. hop and purity do not apply.",
        between(-1, 1e7));

  v.section("split", "Whole groups go to one side; never windows.");
  visit_enum(v, "by", c.split.by, "official: as the data set's authors made it.",
             signal::kSplitByWords);
  v.key("test_groups", c.split.test_groups, "For groups: their names.", {.empty_list = true});
  v.key("validation_groups", c.split.validation_groups, "Their names; empty: drawn.",
        {.empty_list = true});
  v.key("test_fraction", c.split.test_fraction, "For fractions: share of the groups.",
        between(0, 1));
  v.key("validation_fraction", c.split.validation_fraction,
        "Share of the groups that are not for testing.", between(0, 1));
  v.key("seed", c.split.seed, "Of the groups drawn.", between(0, 1e9));

  v.section("pipeline", "What the device does before the network.");
  visit_enum(v, "imputation", c.imputation, "Of missing samples.", signal::kImputationWords);

  v.section("model", "The network.");
  v.key("architecture", c.architecture, "From the zoo.", one_of(graph::architectures()));
  v.key(
      "onnx", c.onnx,
      "Instead: a trained FP32 network, and its statistics, if they are in the file; a path as in "
      "[data]. 'train' takes it as it is (docs/howto/bring-a-model.md).");

  v.section("train", "FP32 training from random weights.");
  v.key("epochs", c.train.epochs,
        "Passes over the training windows; 0: as many as 'steps' asks for, " +
            bounds_text(kTrainEpochs) + ".",
        between(0, 100000));
  v.setting("steps", c.train_steps, "Optimizer steps, where 'epochs' is 0.", between(1, 1e9),
            c.train.epochs == 0);
  v.key("batch_size", c.train.batch_size,
        "Windows in a step; 0: a 16th of the training windows, rounded down to a power of two, "
        "from 8 to 64.",
        between(0, 65536));
  v.key("learning_rate", c.train.learning_rate, "The schedule's highest.", between(0, 10));
  visit_enum(v, "schedule", c.train.schedule, "Of the learning rate.", train::kScheduleWords);
  v.key("weight_decay", c.train.weight_decay, "Decoupled (AdamW).", between(0, 10));
  v.key("label_smoothing", c.train.label_smoothing, "Share of the target spread over all classes.",
        between(0, 0.9));
  v.key("dropout", c.train.dropout, "Before the last layer.", between(0, 0.9));
  v.key("average_epochs", c.train.average_epochs,
        "Span of the moving average of weights that is kept; 0: the last weights.",
        between(0, 1000));
  visit_enum(v, "keep", c.train.keep,
             "best: the epoch best on the validation part; last: the last one, which needs none.",
             train::kKeepWords);
  v.key("balance_classes", c.train.balance_classes, "Weight the loss by inverse class frequency.");

  v.section("augment", "Of every training, so that it is in all arms alike.");
  v.key("rotation_deg", c.augment.rotation_deg,
        "Each window's three-axis sensors are turned about a random axis by an angle of this sd.",
        between(0, 180));
  v.key("motion_gain", c.augment.motion_gain,
        "What moves in a window, about its channels' means, is multiplied by up to this; 1: none.",
        between(1, 1000));
  v.key("motion_gain_classes", c.augment.motion_gain_classes, "In windows of these classes.",
        {.empty_list = true});
  v.key("level_swap", c.augment.level_swap,
        "Share of windows whose means become those of another one of level_swap_classes.",
        between(0, 1));
  v.key("level_swap_classes", c.augment.level_swap_classes,
        "Classes that a level which differs between persons or devices must not tell apart alone.",
        {.empty_list = true});
  v.key("level_swap_channels", c.augment.level_swap_channels,
        "The channels whose means are swapped.", {.empty_list = true});

  v.section("finetune",
            "Every further training (QAT, pruned, fault-aware, and their control arms).");
  v.key("epochs", c.finetune.epochs,
        "The same for all, so that they can be compared; 0: as many as 'steps' asks for, " +
            bounds_text(kFinetuneEpochs) + ".",
        between(0, 100000));
  v.setting("steps", c.finetune.steps, "Optimizer steps, where 'epochs' is 0.", between(1, 1e9),
            c.finetune.epochs == 0);
  v.key("learning_rate", c.finetune.learning_rate, "The schedule's highest.", between(0, 10));

  v.table(
      "recipes",
      "Further variants, NAME = RECIPE, such as tiny = \"train > prune(ratio=0.6) > "
      "finetune(teacher=fp32) > qat(faults=true)\". Steps: train, finetune, qat, prune, sparsify, "
      "ptq.",
      c.recipes);
  v.table("against", "What such a variant is compared with besides fp32: NAME = VARIANT.",
          c.against);

  v.section("fault_training", "Of the variants named fault_*.");
  v.key("suite", c.fault_training.choice.suite,
        "Faults drawn, one a recording and epoch, at all their severities.", suite_words());
  v.key("list", c.fault_training.choice.list, "Further ones; written as in [faults].",
        {.empty_list = true});
  visit_enum(
      v, "sampling", c.fault_training.sampling,
      "uniform; curriculum: from mild to severe; worst: more of what the network gets wrong.",
      faults::kSamplingWords);
  v.key("clean_share", c.fault_training.clean_share, "Share of the windows left clean.",
        between(0, 1));

  v.section("quantize", "Static post-training quantization to int8.");
  v.key("calibration", c.quantize.calibration, "How activation ranges are found.",
        one_of(compress::calibration_names()));
  v.key("percentile", c.quantize.percentile, "Share of values, in percent, that the range covers.",
        between(50, 100));
  v.key("windows", c.quantize.windows, "Training windows to calibrate on.", between(1, 100000));

  v.section("prune", "Structured channel pruning, where a recipe has no ratio of its own.");
  v.key("ratio", c.prune_ratio, "Share removed.", between(0, 0.99));

  v.section("search", "Of 'edgeproof search': channels and weight bits of each layer.");
  v.key("base", c.search.base, "The recipe of the FP32 network that is made small.");
  v.key("finish", c.search.finish,
        "Steps after the channels are removed; the last one, qat or ptq, gets the weight bits.");
  v.key("trials", c.search.trials, "Candidates that each strategy may try.", between(1, 100000));
  v.key("epochs", c.search.epochs,
        "Of each training in 'finish' while searching; 0: a quarter of those of [finetune].",
        between(0, 100000));
  v.key("population", c.search.population, "Of NSGA-II.", between(4, 1000));
  v.key("windows", c.search.windows, "Validation windows that candidates are judged on, at most.",
        between(1, 1e6));

  v.section("faults", "What the test recordings suffer.");
  v.key("suite", c.faults.choice.suite, "Which faults.", suite_words());
  v.key("list", c.faults.choice.list,
        "Further ones: 'drift(sd=0.1|0.2|0.4|0.8|1.6)' has severities of its own, 'bias(sd=1) on "
        "ax, ay from 10 to 15' is for these channels and seconds, 'winter: drift + missing(p=0.1)' "
        "composes. 'edgeproof faults' lists them all.",
        {.empty_list = true});
  v.key("severities", c.faults.severities, "Out of 1 to 5.", between(1, faults::kMaxSeverity));
  v.key("realizations", c.faults.realizations, "Independent draws of each fault and severity.",
        between(1, 1000));
  v.key("seed", c.faults.seed, "Of the draws.", between(0, 1e9));

  v.section("statistics", "Intervals are 95 % bootstrap intervals.");
  v.key("resamples", c.resamples, "Bootstrap resamples.", between(100, 1e6));
  v.key("agreement_windows", c.agreement_windows,
        "Windows of each condition on which the fake-quantized network of quantization-aware "
        "training is compared with the integer program, which takes many times longer than the "
        "program itself; evenly spread. 0: all.",
        between(0, 1e9));

  v.section("latency", "On this machine, one thread, one window at a time.");
  v.key("runs", c.latency_runs, "Timed runs after warming up.", between(1000, 1e7));

  v.section("devices",
            "Microcontrollers, emulated: instructions, flash and RAM of integer models.");
  v.key("targets", c.device_targets, "Needs the packages of tools/packages-targets.txt.",
        target_words());

  v.claims("claim",
           "[[claim]], each with a 'check' such as \"RA(qat_int8) - RA(ptq_int8_ft) >= 2 %\", and, "
           "if you like, 'text' and 'source': judged when the study is finished "
           "(docs/howto/check-claims.md).",
           c.claims);
}

}  // namespace edgeproof::experiment
