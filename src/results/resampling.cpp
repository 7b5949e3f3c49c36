// Everything that a sample says is a weighted sum of how many windows were right, so that
// predictions are reduced once, before resampling, to counts per window. Macro-F1 needs the clean
// confusion matrix. Test: statistics_test.cpp.

#include "results/resampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/text.h"
#include "experiment/metrics.h"

namespace edgeproof::results {
namespace {

constexpr double kLeastCost = 0.01;  // of a fault that relative_mfe is over

// What a fault costs, a mean over severities.
double excess(const Sample& sample, size_t fault, size_t severities) {
  double sum = 0;
  for (size_t s = 0; s < severities; ++s)
    sum += sample.clean - sample.cells[1 + fault * severities + s];
  return sum / static_cast<double>(severities);
}

// What was predicted by the named variants and fp32, which every sample needs.
Predictions of_variants(const Predictions& p, const std::vector<std::string>& names) {
  Predictions some = p;
  some.variants.clear();
  some.labels.clear();
  const auto named = [&](const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const std::string& name : names) {
    if (std::ranges::find(p.variants, name) != p.variants.end()) continue;
    fail(ErrorCode::bad_config, "the study has no variant '{}'{}", name,
         did_you_mean(name, p.variants));
  }
  for (size_t v = 0; v < p.variants.size(); ++v) {
    if (p.variants[v] != "fp32" && !named(p.variants[v])) continue;
    some.variants.push_back(p.variants[v]);
    some.labels.push_back(p.labels[v]);
  }
  return some;
}

}  // namespace

size_t variant_index(const Predictions& p, const std::string& name) {
  return static_cast<size_t>(std::ranges::find(p.variants, name) - p.variants.begin());
}

double macro_f1_under(const Predictions& p, size_t variant, size_t condition,
                      const Weights& weights) {
  const auto classes = static_cast<int>(p.test.classes.size());
  double sum = 0, seeds = 0;
  for (size_t s = 0; s < weights.seeds.size(); ++s) {
    if (weights.seeds[s] == 0) continue;
    std::vector<std::int64_t> confusion(static_cast<size_t>(classes) * classes, 0);
    const auto& predicted = p.labels[variant][s][condition];
    for (size_t w = 0; w < predicted.size(); ++w) {
      confusion[size_t{p.test.labels[w]} * classes + predicted[w]] += weights.windows[w];
    }
    sum += weights.seeds[s] * experiment::macro_f1(confusion, classes);
    seeds += weights.seeds[s];
  }
  return sum / seeds;
}

Reduced reduce(const Predictions& p) {
  Reduced reduced;
  const std::vector<experiment::Condition> conditions = p.conditions();
  const size_t cells = 1 + p.faults.size() * p.severities.size();
  const size_t windows = p.test.labels.size();
  for (const auto& of_variant : p.labels) {
    auto& variant = reduced.right.emplace_back();
    for (const auto& of_seed : of_variant) {
      auto& seed = variant.emplace_back(cells, std::vector<std::uint16_t>(windows, 0));
      for (size_t c = 0; c < conditions.size(); ++c) {
        const size_t cell = c == 0 ? 0 : 1 + (c - 1) / static_cast<size_t>(p.realizations);
        for (size_t w = 0; w < windows; ++w) {
          seed[cell][w] = static_cast<std::uint16_t>(seed[cell][w] +
                                                     (of_seed[c][w] == p.test.labels[w] ? 1 : 0));
        }
      }
    }
  }
  return reduced;
}

Resampler::Resampler(const Predictions& p, SeedDraws draws)
    : seeds_(p.seeds),
      windows_(p.test.labels.size()),
      seed_level_(draws == SeedDraws::shared ? 0 : 3) {
  std::map<std::int32_t, std::vector<std::uint32_t>> groups;
  for (size_t w = 0; w < windows_; ++w) {
    groups[p.test.groups[w]].push_back(static_cast<std::uint32_t>(w));
  }
  for (auto& [name, members] : groups) groups_.push_back(std::move(members));
}

Weights Resampler::all() const {
  return {std::vector<int>(static_cast<size_t>(seeds_), 1),
          std::vector<std::uint16_t>(windows_, 1)};
}

Weights Resampler::draw(std::uint32_t resample) const {
  Weights weights{std::vector<int>(static_cast<size_t>(seeds_), 0),
                  std::vector<std::uint16_t>(windows_, 0)};
  const CounterRng rng(1, "bootstrap");
  const auto pick = [&](size_t count, std::uint32_t level, std::uint32_t i) {
    return std::min(count - 1, static_cast<size_t>(rng.uniform(resample, level, i) *
                                                   static_cast<double>(count)));
  };
  for (int s = 0; s < seeds_; ++s) {
    weights.seeds[pick(static_cast<size_t>(seeds_), seed_level_, static_cast<std::uint32_t>(s))] +=
        1;
  }
  std::uint32_t draws = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const auto& members = groups_[pick(groups_.size(), 1, g)];
    for (size_t i = 0; i < members.size(); ++i) {
      ++weights.windows[members[pick(members.size(), 2, draws++)]];
    }
  }
  return weights;
}

std::vector<size_t> costly_faults(const Predictions& p, const Reduced& reduced) {
  std::vector<size_t> costly;
  const size_t reference = variant_index(p, "fp32");
  const Sample fp32 = sample(p, reduced, Resampler(p).all(), {})[reference];
  for (size_t f = 0; f < p.faults.size(); ++f) {
    if (excess(fp32, f, p.severities.size()) >= kLeastCost) costly.push_back(f);
  }
  return costly;
}

std::vector<Sample> sample(const Predictions& p, const Reduced& reduced, const Weights& weights,
                           const std::vector<size_t>& relative) {
  const double windows = std::accumulate(weights.windows.begin(), weights.windows.end(), 0.0);
  const size_t severities = p.severities.size();
  std::vector<Sample> samples(p.variants.size());
  for (size_t v = 0; v < p.variants.size(); ++v) {
    Sample& sample = samples[v];
    sample.cells.assign(1 + p.faults.size() * severities, 0);
    for (size_t s = 0; s < weights.seeds.size(); ++s) {
      if (weights.seeds[s] == 0) continue;
      for (size_t c = 0; c < sample.cells.size(); ++c) {
        const auto& right = reduced.right[v][s][c];
        const int sum = std::inner_product(right.begin(), right.end(), weights.windows.begin(), 0);
        const int of = c == 0 ? 1 : p.realizations;
        sample.cells[c] += weights.seeds[s] * static_cast<double>(sum) / (windows * p.seeds * of);
      }
    }
    sample.clean = sample.cells[0];
    sample.f1 = macro_f1_under(p, v, 0, weights);
    sample.robust = std::accumulate(sample.cells.begin() + 1, sample.cells.end(), 0.0) /
                    static_cast<double>(sample.cells.size() - 1);
    sample.worst = std::numeric_limits<double>::infinity();
  }
  const Sample fp32 = samples[variant_index(p, "fp32")];
  const auto faults = static_cast<double>(p.faults.size());
  for (Sample& sample : samples) {
    for (size_t f = 0; f < p.faults.size(); ++f) {
      double mean = 0, error = 0, fp32_error = 0;
      for (size_t s = 0; s < severities; ++s) {
        const size_t c = 1 + f * severities + s;
        mean += sample.cells[c] / static_cast<double>(severities);
        error += 1 - sample.cells[c];
        fp32_error += 1 - fp32.cells[c];
      }
      sample.mfe += error / fp32_error / faults;
      if (mean < sample.worst) {
        sample.worst = mean;
        sample.worst_fault = f;
      }
    }
    for (const size_t f : relative) {
      sample.relative_mfe += excess(sample, f, severities) / excess(fp32, f, severities) /
                             static_cast<double>(relative.size());
    }
    if (relative.empty()) sample.relative_mfe = std::numeric_limits<double>::quiet_NaN();
  }
  return samples;
}

Bootstrap::Bootstrap(const Predictions& p, const std::vector<std::string>& variants,
                     SeedDraws draws, int resamples, int threads)
    : drawn_(static_cast<size_t>(resamples)) {
  const Predictions some = of_variants(p, variants);
  const Reduced reduced = reduce(some);
  const Resampler resampler(some, draws);
  const std::vector<size_t> relative = costly_faults(some, reduced);
  variants_ = some.variants;
  point_ = sample(some, reduced, resampler.all(), relative);
  parallel_for(resamples, threads, [&](int r) {
    drawn_[static_cast<size_t>(r)] =
        sample(some, reduced, resampler.draw(static_cast<std::uint32_t>(r)), relative);
  });
}

size_t Bootstrap::index(const std::string& variant) const {
  return static_cast<size_t>(std::ranges::find(variants_, variant) - variants_.begin());
}

Interval interval(double value, std::vector<double> resampled) {
  std::erase_if(resampled, [](double x) { return std::isnan(x); });
  if (resampled.empty()) return {value, value, value};
  std::sort(resampled.begin(), resampled.end());
  const auto at = [&](double share) {
    return resampled[static_cast<size_t>(
        std::lround(share * static_cast<double>(resampled.size() - 1)))];
  };
  return {value, at((1 - kLevel) / 2), at((1 + kLevel) / 2)};
}

double p_value(const std::vector<double>& differences) {
  double below = 1, above = 1;
  for (const double d : differences) {
    below += d <= 0;
    above += d >= 0;
  }
  return std::min(1.0, 2 * std::min(below, above) / static_cast<double>(differences.size() + 1));
}

}  // namespace edgeproof::results
