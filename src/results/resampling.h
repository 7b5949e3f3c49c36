#pragma once

// The two-way bootstrap behind statistics.h, compare.h and verdict.h: a resample is a multiplicity
// per training seed and per test window (docs/decisions/0002-bootstrap.md).

#include <cstdint>
#include <vector>

#include "experiment/metric.h"
#include "results/interval.h"
#include "results/predictions.h"

namespace edgeproof::results {

using experiment::Sample;

constexpr double kLevel = 0.95;  // of all intervals

// How often each seed and each window counts.
struct Weights {
  std::vector<int> seeds;              // sums to the number of seeds
  std::vector<std::uint16_t> windows;  // about one each
};

// Seeds are drawn with the same random numbers wherever they are `shared`, and with others where
// they are `separate`: those of another study, trained from other seeds. Windows always with the
// same.
enum class SeedDraws { shared, separate };

class Resampler {
 public:
  explicit Resampler(const Predictions& p, SeedDraws draws = SeedDraws::shared);

  Weights all() const;
  Weights draw(std::uint32_t resample) const;

 private:
  int seeds_;
  std::size_t windows_;
  std::uint32_t seed_level_;
  std::vector<std::vector<std::uint32_t>> groups_;
};

// Samples of some variants on all the data and on each resample; those of equal predictions are
// drawn alike, so that differences between any two are paired. The same for any number of threads.
class Bootstrap {
 public:
  // Error bad_config for a variant that is not there.
  Bootstrap(const Predictions& p, const std::vector<std::string>& variants, SeedDraws draws,
            int resamples, int threads);

  const Sample& point(const std::string& variant) const { return point_[index(variant)]; }
  // By resample.
  const std::vector<Sample>& drawn(const std::string& variant) const {
    return drawn_[index(variant)];
  }

 private:
  std::size_t index(const std::string& variant) const;

  std::vector<std::string> variants_;
  std::vector<Sample> point_;
  std::vector<std::vector<Sample>> drawn_;  // [variant][resample]
};

// A number of variant a minus that of b, paired resample by resample.
struct PairedDifference {
  Interval difference;
  double p = 1;  // two-sided, not corrected
};
PairedDifference paired_difference(double Sample::*of, const Bootstrap& of_a, const std::string& a,
                                   const Bootstrap& of_b, const std::string& b);

// Whether the reference makes no error under a fault, at any severity: mFE leaves such faults out.
bool is_error_free(const Sample& reference, std::size_t fault, std::size_t severities);

// The index of one of the study's variants, which the caller knows to be there.
std::size_t variant_index(const Predictions& p, const std::string& name);

// Macro-F1 under one of conditions(), a mean over seeds.
double macro_f1_under(const Predictions& p, std::size_t variant, std::size_t condition,
                      const Weights& weights);

// The percentile interval of one number over the resamples, about its value on all the data. Order
// statistics are not interpolated: a breaking point may be infinite.
Interval interval(double value, std::vector<double> resampled);

// Two-sided: twice the smaller share of resamples on either side of zero, never zero itself.
double p_value(const std::vector<double>& differences);

}  // namespace edgeproof::results
