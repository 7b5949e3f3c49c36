#pragma once

// The list of all keys of study.toml: section, key, value, meaning, and the values allowed.
//
// `visitor` has section(name, meaning), key(name, value&, meaning, Allowed), table() and claims().

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "compress/calibrate.h"
#include "experiment/config.h"
#include "experiment/variants.h"
#include "faults/expression.h"
#include "graph/zoo.h"
#include "signal/readers/presets.h"
#include "targets/device.h"

namespace edgeproof::experiment {

struct Allowed {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> words = {};  // if not empty: one of these
  bool empty_list = false;              // whether a list may be empty
  bool repeats = false;                 // whether a list may hold a value twice
};

inline Allowed between(double min, double max) {
  return {.min = min, .max = max};
}
inline Allowed one_of(std::span<const std::string> words) {
  return {.words = {words.begin(), words.end()}};
}

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

// A word that ends in ":NAME" stands for any name in its place.
inline Allowed source_words() {
  std::vector<std::string> words{"imu", "bearing"};
  for (const std::string& name : signal::preset_names()) words.push_back(name);
  for (const char* format : {"csv", "npz", "wfdb", "mat", "ts", "arff"}) words.emplace_back(format);
  return one_of(words);
}

// Enumerations are words in the file: `names[i]` is the word of the i-th value.
template <typename Visitor, typename Enum>
void visit_enum(Visitor& visitor, std::string_view key, Enum& value, std::string_view meaning,
                const std::vector<std::string>& names) {
  std::string word = names[static_cast<size_t>(value)];
  visitor.key(key, word, meaning, one_of(names));
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) value = static_cast<Enum>(i);
  }
}

template <typename Visitor>
void visit(Visitor& v, Config& c) {
  v.section("study", "What is compared.");
  v.key("name", c.name, "Names the study in its report.");
  v.key("seeds", c.seeds, "One training of everything for each; at least 3 for honest intervals.",
        between(0, 1e9));
  v.key("variants", c.variants,
        "Models to compare; their control arms should be among them. There are " +
            join(variant_names(), ", ") + ", and those of [recipes].");

  v.section("data", "Where the signals come from.");
  v.key("source", c.data.source,
        "imu and bearing are generated; the others are read from `path`. Data sets known by name: "
        "uci_har, mitbih, cwru, and, for example, ucr:BasicMotions; formats: csv to arff.",
        source_words());
  v.key("path", c.data.path,
        "File or folder; if relative, below --data-dir, or else this file's folder. wfdb, mat, ts, "
        "arff and data sets known by name: a folder or an archive (tar, zip).");
  v.key("paths", c.data.paths,
        "csv: further files, each a recording of its own. wfdb: further folders or archives.",
        {.empty_list = true});
  v.key("files", c.data.files,
        "Names in `path`. mat: each is a recording. ts, arff: the training file, then, if there is "
        "one, the test file.",
        {.empty_list = true});
  v.key("rate_hz", c.data.rate_hz,
        "csv, npz, mat, ts, arff, ucr: samples per second; 0: from the time column (csv), as known "
        "(ucr), or 1 (ts, arff).",
        between(0, 1e9));
  v.key("resample_hz", c.data.resample_hz, "Of streams: the rate to work at; 0: as recorded.",
        between(0, 1e9));
  v.key("time_column", c.data.time_column, "csv: time in seconds; empty: rows are evenly spaced.");
  v.key("channels", c.data.channels,
        "csv: the columns that are signals; empty: all others. mat: variables, or how their names "
        "end. wfdb: signals; 'V: V1 V2 V5' is the first one there of these; empty: as in the first "
        "record. npz, ts, arff: names for them.",
        {.empty_list = true});
  v.key("units", c.data.units, "csv, npz, mat, ts, arff: one for each channel, or none.",
        {.empty_list = true, .repeats = true});
  v.key(
      "derived_from", c.data.derived_from,
      "csv, npz, mat, ts, arff: for each channel the physical one it is computed from, or an empty "
      "text; or none.",
      {.empty_list = true, .repeats = true});
  v.key("triads", c.data.triads,
        "csv, npz, mat, ts, arff: three-axis sensors, by their channels: 'ax, ay, az'.",
        {.empty_list = true});
  v.key("label_column", c.data.label_column, "csv: the class.");
  v.key("group_column", c.data.group_column, "csv: person, machine or patient, for the split.");
  v.key("separator", c.data.separator, "csv: one character.");
  v.key("x_array", c.data.x_array, "npz: windows [N, L, C] or a stream [T, C].");
  v.key("y_array", c.data.y_array, "npz: the class of each window or sample.");
  v.key("groups_array", c.data.groups_array, "npz: the group of each; empty: 'groups', if there.");
  v.key("channels_first", c.data.channels_first, "npz: windows are [N, C, L].");
  v.key("file_labels", c.data.file_labels, "mat: the class of each of `files`.",
        {.empty_list = true, .repeats = true});
  v.key("file_groups", c.data.file_groups,
        "mat: the group of each of `files`; none: each is a group of its own.",
        {.empty_list = true, .repeats = true});
  v.key("records", c.data.records, "wfdb: names of records; empty: all there are.",
        {.empty_list = true});
  v.key("classes", c.data.classes,
        "wfdb: annotations that are events, 'N: N L R e j' for a class and its symbols; 'aami': "
        "heart beats N, S and V; 'aami_rare': F and Q, too.",
        {.empty_list = true});
  v.key("annotator", c.data.annotator, "wfdb: how names of annotation files end.");
  visit_enum(v, "unequal_length", c.data.unequal_length,
             "ts, arff, ucr: of cases; pad: with missing samples to the longest; truncate: to the "
             "shortest.",
             {"error", "pad", "truncate"});
  v.key("rare_classes", c.data.rare_classes, "mitbih: F and Q besides N, S and V.");
  v.key("both_leads", c.data.both_leads, "mitbih: V besides MLII.");
  v.key("sensors", c.data.sensors, "cwru: drive end, fan end, base plate.",
        one_of(std::vector<std::string>{"DE", "FE", "BA"}));
  v.key("normal", c.data.normal,
        "cwru: the sound bearing as a tenth class; it is trained on, never tested.");
  v.key("seed", c.data.seed, "imu, bearing: of the generator.", between(0, 1e9));

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
             {"official", "groups", "fractions"});
  v.key("test_groups", c.split.test_groups, "For groups: their names.", {.empty_list = true});
  v.key("validation_groups", c.split.validation_groups, "Their names; empty: drawn.",
        {.empty_list = true});
  v.key("test_fraction", c.split.test_fraction, "For fractions: share of the groups.",
        between(0, 1));
  v.key("validation_fraction", c.split.validation_fraction,
        "Share of the groups that are not for testing.", between(0, 1));
  v.key("seed", c.split.seed, "Of the groups drawn.", between(0, 1e9));

  v.section("pipeline", "What the device does before the network.");
  visit_enum(v, "imputation", c.imputation, "Of missing samples.",
             {"hold", "linear", "mean", "mask"});

  v.section("model", "The network.");
  v.key("architecture", c.architecture, "From the zoo.", one_of(graph::architectures()));
  v.key(
      "onnx", c.onnx,
      "Instead: a trained FP32 network, and its statistics, if they are in the file; a path as in "
      "[data]. 'train' takes it as it is (docs/howto/bring-a-model.md).");

  v.section("train", "FP32 training from random weights.");
  v.key("epochs", c.train.epochs, "Passes over the training windows.", between(1, 100000));
  v.key("batch_size", c.train.batch_size, "Windows in a step.", between(2, 65536));
  v.key("learning_rate", c.train.learning_rate, "The schedule's highest.", between(0, 10));
  visit_enum(v, "schedule", c.train.schedule, "Of the learning rate.", {"cosine", "one_cycle"});
  v.key("weight_decay", c.train.weight_decay, "Decoupled (AdamW).", between(0, 10));
  v.key("label_smoothing", c.train.label_smoothing, "Share of the target spread over all classes.",
        between(0, 0.9));
  v.key("dropout", c.train.dropout, "Before the last layer.", between(0, 0.9));
  v.key("average_epochs", c.train.average_epochs,
        "Span of the moving average of weights that is kept; 0: the last weights.",
        between(0, 1000));
  visit_enum(v, "keep", c.train.keep,
             "best: the epoch best on the validation part; last: the last one, which needs none.",
             {"best", "last"});
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
  v.key("epochs", c.finetune.epochs, "The same for all, so that they can be compared.",
        between(1, 100000));
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
      faults::sampling_names());
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
  v.key("epochs", c.search.epochs, "Of each training in 'finish' while searching.",
        between(1, 100000));
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
