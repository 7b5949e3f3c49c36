#pragma once

// What changed between two studies, or two variants of one: differences of metrics, paired by
// window, with 95 % bootstrap intervals (docs/metrics.md).

#include <string>
#include <utility>
#include <vector>

#include "results/resampling.h"
#include "results/statistics.h"
#include "results/summary.h"
#include "results/summary_text.h"
#include "store/store.h"

namespace edgeproof::results {

// One metric of one variant after, minus that of a variant before.
struct Change {
  experiment::Metric metric;
  std::string before_variant, after_variant;
  double before = 0, after = 0;
  Interval difference;
  double p_adjusted = 1;  // Holm's correction over all pairs of the metric
  bool tie = true;        // the difference may be nothing, at the 95 % level
};

// Of each pair (variant of `before`, variant of `after`), metric by metric of compared_metrics().
// Both must be of the same test windows and conditions. The seeds' draws are shared if both were
// trained from the same seeds. The same for any number of threads. Error bad_config for a variant
// that is not there.
std::vector<Change> paired_changes(const Predictions& before, const Predictions& after,
                                   const std::vector<std::pair<std::string, std::string>>& pairs,
                                   SeedDraws seeds, int resamples, int threads);

// A finished study, as far as comparing needs it.
struct Predicted {
  experiment::Config config;
  Predictions predictions;
};

// Error bad_input if the study is not finished.
Predicted read_predicted(const store::Store& store);

// How the seeds of two studies are drawn: shared if they are the same.
SeedDraws seed_draws(const experiment::Config& a, const experiment::Config& b);

// Error bad_config, naming what differs, unless both studies test on the same windows with the same
// faults, severities and draws.
void check_same_tests(const store::Store& before, const Predicted& of_before,
                      const store::Store& after, const Predicted& of_after);

struct StudyComparison {
  std::vector<Change> changes;  // of each variant that both have
  std::vector<std::string> only_before, only_after;
};

// Errors as of check_same_tests and read_predicted.
StudyComparison compare_studies(const store::Store& before, const store::Store& after, int threads);

std::string render(const StudyComparison& comparison, Format format);

}  // namespace edgeproof::results
