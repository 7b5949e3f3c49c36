#include "report/example_data_testing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace edgeproof::report {

namespace {

using experiment::Metric;

constexpr int kSeverities = 5;
constexpr std::int64_t kTestWindows = 2947;
constexpr int kSeeds = 3;

// What a variant is like: clean accuracy, how much of it faults take away, and its cost.
struct Profile {
  const char* name;
  const char* description;
  bool control;
  bool integer;
  double clean;
  double fragility;
  double latency_us;
  std::int64_t weight_bytes;
  std::int64_t macs;
};

constexpr Profile kProfiles[] = {
    {"fp32", "Trained 40 epochs on clean data; the reference", false, false, .9421, 1.00, 214.6,
     98072, 1232256},
    {"ptq_int8", "fp32, quantized after training (per channel, 512 windows)", false, true, .9408,
     1.03, 61.3, 25694, 1232256},
    {"fp32_ft", "fp32, 10 more epochs on clean data", true, false, .9438, 1.01, 213.9, 98072,
     1232256},
    {"ptq_int8_ft", "fp32_ft, quantized after training", true, true, .9427, 1.02, 61.5, 25694,
     1232256},
    {"qat_int8", "fp32, 10 more epochs with simulated quantization", false, true, .9432, 1.01, 61.2,
     25694, 1232256},
    {"pruned_int8", "fp32, 40 % of the filters removed, 10 epochs, quantized", false, true, .9316,
     1.13, 33.8, 11230, 498176},
    {"fp32_fa", "fp32, 10 more epochs with faults", true, false, .9259, .39, 214.2, 98072, 1232256},
    {"ptq_int8_fa", "fp32_fa, quantized after training", true, true, .9241, .42, 61.4, 25694,
     1232256},
    {"qat_int8_fa", "fp32, 10 more epochs with faults and simulated quantization", false, true,
     .9276, .40, 61.2, 25694, 1232256},
};

// A number in [-1, 1] that differs from cell to cell (a low-discrepancy sequence).
double wobble(std::size_t variant, std::size_t fault, int severity) {
  const double x = .6180339887 * static_cast<double>(variant * 37 + fault * 11 + severity * 3 + 1);
  return 2 * (x - std::floor(x)) - 1;
}

double accuracy(std::size_t variant, std::size_t fault, int severity) {
  constexpr double kWorst[] = {.48, .34, .41, .62, .27};  // lost by the reference at severity 5
  constexpr double kShape[] = {1.3, 1.0, 1.6, 2.1, 1.8};
  const Profile& p = kProfiles[variant];
  if (severity == 0) return p.clean;
  const double lost = kWorst[fault] * std::pow(severity / 5., kShape[fault]) * p.fragility;
  return std::clamp(p.clean - lost + .004 * wobble(variant, fault, severity), .17, 1.);
}

double flip_rate(double clean, double accuracy) {
  return 1.15 * std::abs(clean - accuracy) + .004;
}

Interval around(double x, double half_width) {
  return {x, std::max(0., x - half_width), std::min(1., x + 1.1 * half_width)};
}

// A share of each true class's windows goes to its neighbours; the rest is right.
std::vector<std::vector<std::int64_t>> confusion(double accuracy, std::size_t variant) {
  constexpr std::int64_t kWindows[] = {496, 471, 420, 491, 532, 537};
  std::vector<std::vector<std::int64_t>> matrix(6, std::vector<std::int64_t>(6, 0));
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t windows = kWindows[i] * kSeeds;
    const double missed = std::clamp((1 - accuracy) * (i % 3 == 1 ? 1.4 : .8), 0., .95);
    const auto wrong = static_cast<std::int64_t>(missed * static_cast<double>(windows));
    const std::size_t group = i / 3 * 3;
    matrix[i][group + (i + 1) % 3] += wrong * 6 / 10;
    matrix[i][group + (i + 2) % 3] += wrong * 3 / 10;
    matrix[i][(i + 3 + variant) % 6] += wrong - wrong * 6 / 10 - wrong * 3 / 10;
    matrix[i][i] += windows - wrong;
  }
  return matrix;
}

double breaking_point(std::size_t variant, std::size_t fault) {
  const double threshold = accuracy(variant, fault, 0) - .05;
  for (int s = 1; s <= kSeverities; ++s) {
    const double before = accuracy(variant, fault, s - 1);
    const double after = accuracy(variant, fault, s);
    if (after < threshold) return s - 1 + (before - threshold) / (before - after);
  }
  return std::numeric_limits<double>::infinity();
}

Result measured(const ReportData& data, std::size_t variant, std::size_t fault, int severity) {
  const double x = accuracy(variant, fault, severity);
  const double clean = accuracy(variant, fault, 0);
  Result r;
  r.variant = data.variants[variant].name;
  r.severity = severity;
  if (severity > 0) r.fault = data.faults[fault].name;
  r.accuracy = around(x, .008 + .02 * (1 - x));
  r.macro_f1 = around(x - .006, .009 + .02 * (1 - x));
  r.ece = .02 + .5 * (clean - x);
  r.flip_rate = severity == 0 ? 0 : flip_rate(clean, x);
  r.confusion = confusion(x, variant);
  for (std::size_t layer = 0; layer < data.variants[variant].layers.size(); ++layer) {
    r.clip_rates.push_back((.0008 + .25 * (clean - x)) / (1. + .7 * static_cast<double>(layer)));
  }
  return r;
}

void add_variants(ReportData& data) {
  for (std::size_t v = 0; v < std::size(kProfiles); ++v) {
    const Profile& p = kProfiles[v];
    Variant variant;
    variant.name = p.name;
    variant.description = p.description;
    variant.control = p.control;
    variant.latency_us = p.latency_us;
    variant.latency_us_p99 = p.latency_us * 1.18 + 3;
    variant.weight_bytes = p.weight_bytes;
    variant.coded_weight_bytes = p.integer ? p.weight_bytes * 4 / 5 : p.weight_bytes;
    variant.arena_bytes = p.integer ? 12288 : 49152;
    variant.macs = p.macs;
    if (p.integer) variant.layers = {"conv1", "pool1", "conv2", "pool2", "conv3", "gap", "dense"};

    double error = 0;
    double reference_error = 0;
    double added = 0;
    double flips = 0;
    double reference_added = 0;
    double worst = 1;
    std::vector<double> at(kSeverities, 0);
    for (std::size_t f = 0; f < 5; ++f) {
      double mean = 0;
      for (int s = 1; s <= kSeverities; ++s) {
        const double x = accuracy(v, f, s);
        mean += x / kSeverities;
        at[static_cast<std::size_t>(s - 1)] += x / 5;
        error += 1 - x;
        reference_error += 1 - accuracy(0, f, s);
        added += accuracy(v, f, 0) - x;
        flips += flip_rate(accuracy(v, f, 0), x) / 25;
        reference_added += accuracy(0, f, 0) - accuracy(0, f, s);
      }
      if (mean < worst) {
        worst = mean;
        variant.worst_fault = data.faults[f].name;
      }
    }
    const double robust = 1 - error / 25;
    const double ratio = error / reference_error, relative = added / reference_added;
    variant.metrics = {{Metric::clean, around(p.clean, .0075)},
                       {Metric::f1, around(p.clean - .003, .008)},
                       {Metric::robust_accuracy, around(robust, .011)},
                       {Metric::worst_fault, around(worst, .017)},
                       {Metric::mfe, {ratio, ratio - .03, ratio + .03}},
                       {Metric::relative_mfe, {relative, relative - .04, relative + .04}},
                       {Metric::flip_rate, around(flips, .011)}};
    for (const double x : at) variant.robust_accuracy_at.push_back(around(x, .012));
    data.variants.push_back(variant);
  }
}

void add_results(ReportData& data) {
  for (std::size_t v = 0; v < data.variants.size(); ++v) {
    data.results.push_back(measured(data, v, 0, 0));
    for (std::size_t f = 0; f < 5; ++f) {
      double mean = 0;
      for (int s = 1; s <= kSeverities; ++s) {
        data.results.push_back(measured(data, v, f, s));
        mean += accuracy(v, f, s) / kSeverities;
      }
      const double point = breaking_point(v, f);
      data.fault_summaries.push_back({.variant = data.variants[v].name,
                                      .fault = data.faults[f].name,
                                      .mean_accuracy = around(mean, .012),
                                      .breaking_point = {point, point - .2, point + .3}});
    }
  }
}

// Pooling has no effect of its own.
void add_diagnoses(ReportData& data) {
  for (std::size_t v = 0; v < data.variants.size(); ++v) {
    const auto layers = data.variants[v].layers.size();
    for (std::size_t f = 0; f < 6 && layers > 0; ++f) {  // 0: clean
      const double lost = f == 0 ? 0 : accuracy(v, f - 1, 0) - accuracy(v, f - 1, kSeverities);
      Diagnosis d{.variant = data.variants[v].name,
                  .fault = f == 0 ? "" : data.faults[f - 1].name,
                  .severity = f == 0 ? 0 : kSeverities,
                  .agreement = .99 - .3 * lost,
                  .blamed = f == 0 ? 4 : 0};
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const auto depth = static_cast<double>(layer);
        const bool pools = layer == 1 || layer == 3 || layer == 5;
        d.sqnr_db.push_back(38 - depth - 40 * lost + .5 * static_cast<double>(v));
        d.alone_db.push_back(pools ? kNotMeasured
                                   : 45 + 3 * depth - 50 * lost -
                                         (static_cast<int>(layer) == d.blamed ? 14 : 0));
        d.alone_agreement.push_back(pools ? kNotMeasured : 1 - .1 * lost);
      }
      data.diagnoses.push_back(std::move(d));
    }
  }
  data.diagnosis_windows = "256 validation windows";
}

// A loss that falls from `start` to `end` of the training, faster the larger `speed` is.
TrainingCurve curve(std::uint64_t seed, int epochs, double start, double end, double speed) {
  TrainingCurve curve{.seed = seed, .kept_epoch = epochs - static_cast<int>(seed)};
  for (int e = 1; e <= epochs; ++e) {
    const double left = std::exp(-speed * e / epochs);
    const double noise = .03 * wobble(static_cast<std::size_t>(e), seed, 1) * (left + .3);
    const double loss = end + (start - end) * left;
    curve.train_loss.push_back(loss + .5 * noise);
    curve.validation_loss.push_back(1.15 * loss + noise);
    curve.validation_accuracy.push_back(std::clamp(1 - .35 * loss - noise, 0., 1.));
  }
  return curve;
}

void add_trainings(ReportData& data) {
  const auto add = [&](const std::string& recipe, const std::vector<std::string>& variants,
                       int epochs, double start, double end, double speed) {
    Training training{.recipe = recipe, .variants = variants};
    for (const std::uint64_t seed : data.seeds) {
      training.curves.push_back(curve(seed, epochs, start, end, speed));
    }
    data.trainings.push_back(std::move(training));
  };
  add("train", {"fp32", "ptq_int8"}, 40, 1.7, .16, 6);
  add("train > finetune", {"fp32_ft", "ptq_int8_ft"}, 10, .17, .15, 3);
  add("train > qat", {"qat_int8"}, 10, .24, .16, 5);
  add("train > prune(ratio=0.4) > finetune", {"pruned_int8"}, 10, .9, .3, 1);
  add("train > finetune(faults=true)", {"fp32_fa", "ptq_int8_fa"}, 10, .8, .4, 4);
  add("train > qat(faults=true, calibration=min_max)", {"qat_int8_fa"}, 10, .85, .41, 4);
  data.trainings[3].marks = {"not converged", "worse than before"};
  data.trainings[3].notes = {
      "'train > prune(ratio=0.4) > finetune' (pruned_int8) has not converged: its validation loss "
      "still fell by 0.21 in the second half of 10 epochs, with 3 of 3 seeds; longer training "
      "('steps' or 'epochs' in [finetune]) may help",
      "'train > prune(ratio=0.4) > finetune' (pruned_int8) is worse than 'train', which it goes on "
      "from: validation accuracy 84.6 % after 93.2 %"};
  data.training_lengths =
      "5881 windows in batches of 64: 92 optimizer steps an epoch. 40 epochs from random weights, "
      "10 of each further training, unless its recipe says otherwise.";
}

}  // namespace

ReportData example_data() {
  ReportData data;
  data.study = "UCI HAR: which 8-bit network to ship";
  data.verdict = {
      "Ship qat_int8_fa: it keeps the most under faults, at 8 bits and 3.5 times the speed of "
      "fp32.",
      "Eight bits cost nothing measurable: ptq_int8 and fp32 are tied, clean and under faults.",
      "What helps is training with faults (fp32_fa, control), and it costs about 1.5 points clean.",
      "Missing samples are the worst fault of every variant."};
  data.dataset = {
      .name = "UCI HAR (made-up numbers)",
      .checksum = "2045e435c955214b38145fb5fa00776c72814f01b203fec405152dac7d5bfeb0",
      .train_windows = 5881,
      .validation_windows = 1471,
      .test_windows = kTestWindows,
      .subjects = 30,
      .window_samples = 128,
      .rate_hz = 50,
      .channels = {"body_acc_x", "body_acc_y", "body_acc_z", "body_gyro_x", "body_gyro_y",
                   "body_gyro_z", "total_acc_x", "total_acc_y", "total_acc_z"},
      .classes = {"walking", "upstairs", "downstairs", "sitting", "standing", "laying"},
      .split = "the official split (21 people train, 9 test)"};
  data.baseline = {"majority_class",
                   "laying",
                   {{"clean_accuracy", .182},
                    {"robust_accuracy", .182},
                    {"worst_fault_accuracy", .182},
                    {"macro_f1", .051}}};
  data.faults = {
      {"gaussian", "White noise", "k, channel sd", {.1, .25, .5, 1, 2}, ""},
      {"impulse", "Spikes of 3 to 8 channel sd", "p", {.005, .01, .02, .05, .1}, ""},
      {"drift", "A ramp from zero", "k at the end, channel sd", {.25, .5, 1, 2, 4}, ""},
      {"missing", "Samples lost at random", "p", {.05, .1, .2, .4, .8}, ""},
      {"bias", "A constant offset", "k, channel sd", {.1, .25, .5, 1, 2}, ""},
      {"rotation", "The sensor turned", "degrees", {5, 10, 20, 45, 90}, "no declared triad"}};
  add_variants(data);
  add_results(data);
  add_diagnoses(data);
  data.comparisons = {
      {"ptq_int8", "fp32", "robust accuracy", {-.0066, -.0141, .0012}, .31, "tie"},
      {"qat_int8", "ptq_int8_ft", "robust accuracy", {.0021, -.0047, .0089}, 1, "tie"},
      {"qat_int8_fa",
       "ptq_int8_fa",
       "robust accuracy",
       {.0074, .0009, .0138},
       .048,
       "qat_int8_fa is better"},
      {"qat_int8_fa",
       "qat_int8",
       "robust accuracy",
       {.1361, .1204, .1523},
       .0001,
       "qat_int8_fa is better"},
      {"pruned_int8",
       "ptq_int8",
       "robust accuracy",
       {-.0312, -.0421, -.0207},
       .0004,
       "ptq_int8 is better"}};
  data.claims = {
      {"PTQ collapses under strong noise: ten points below FP32",
       "accuracy(ptq_int8, gaussian, 5) <= accuracy(fp32, gaussian, 5) - 10 %", "A. Author 2025",
       "contradicted", "48.9 %", "39.7 %", "+9.2 [+7.9, +10.6] points", .0004, ""},
      {"QAT on faults is at least ten points more robust than QAT",
       "RA(qat_int8_fa) - RA(qat_int8) >= 10 %", "", "supported", "13.6 %", "10.0 %",
       "+3.6 [+2.0, +5.2] points", .003, ""},
      {"", "RA(qat_int8) > RA(ptq_int8_ft)", "", "undecided", "72.1 %", "71.9 %",
       "+0.2 [-0.5, +0.9] points", 1, ""},
      {"Int8 weights take less than a third", "bytes(ptq_int8) <= 0.33 * bytes(fp32)", "",
       "supported", "26112 bytes", "32911 bytes", "-6799 bytes", kNotMeasured, ""},
      {"Rotation costs at least a point", "accuracy(fp32, rotation) <= clean(fp32) - 1 %", "",
       "not applicable", "", "", "", kNotMeasured,
       "the data set cannot have the fault 'rotation'"}};
  data.agreements = {{"ptq_int8", kTestWindows * kSeeds, 8823},
                     {"qat_int8", kTestWindows * kSeeds, 8836},
                     {"qat_int8_fa", kTestWindows * kSeeds, 8831}};
  data.target_costs = {{"fp32", "cortex-m7", 9876543, 131072, 61440},
                       {"ptq_int8", "cortex-m7", 1834210, 47104, 18432},
                       {"ptq_int8", "cortex-m55", 612345, 47616, 18432}};
  data.search_budget = "at most 16384 bytes of flash";
  data.trials = {{"nsga2", "train > prune(keep=conv1:16) > qat(weight_bits=4)", 9000, 3000, 400000,
                  0.91, 0.84, true},
                 {"nsga2", "train > prune(keep=conv1:8) > qat(weight_bits=2)", 4000, 2000, 200000,
                  0.88, 0.79, true},
                 {"nsga2", "train > prune(keep=conv1:24) > qat(weight_bits=8)", 16000, 4000, 600000,
                  0.9, 0.83, false},
                 {"random", "train > prune(keep=conv1:9) > qat(weight_bits=4)", 8000, 2500, 300000,
                  0.87, 0.78, true},
                 {"uniform", "train > prune(keep=conv1:12) > qat(weight_bits=4)", 12000, 3500,
                  500000, 0.9, 0.82, true}};
  data.seeds = {1, 2, 3};
  add_trainings(data);
  data.interval_method =
      "Hierarchical bootstrap over seeds, subjects and windows, 2,000 resamples.";
  data.latency_method = "this machine, one pinned thread, AVX2 kernels, 2,000 runs after warm-up.";
  data.machine = {{"Processor", "AMD EPYC 7763, 2 cores"},
                  {"Memory", "8 GiB"},
                  {"System", "Debian 12, Linux 6.1"},
                  {"Compiler", "GCC 12.2, -O3"}};
  data.version = "0.1.0";
  data.config_toml =
      "[study]\nname = \"UCI HAR: which 8-bit network to ship\"\nseeds = [1, 2, 3]\n\n"
      "[data]\nreader = \"uci_har\"\nwindow = 128\nsplit = \"subjects\"\n\n"
      "[faults]\nsuite = \"core\"\nrealizations = 1\n\n"
      "[variants.qat_int8_fa]\nfrom = \"fp32\"\nmethod = \"qat\"\nbits = 8\nepochs = 10\n"
      "faults = true\n";
  data.reproduce = "edgeproof study studies/uci_har.toml\nedgeproof report uci_har.db";
  return data;
}

}  // namespace edgeproof::report
