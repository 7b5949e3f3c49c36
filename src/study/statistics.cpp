// Each resample is a multiplicity per seed and per window; everything the table needs is then a
// weighted sum of how many windows were right, so that predictions are reduced once, before
// resampling, to counts per window, and 2,000 resamples are some dot products each. Macro-F1 needs
// the clean confusion matrix. Test: statistics_test.cpp.

#include "study/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/parallel.h"
#include "core/random.h"

namespace edgeproof::study {
namespace {

constexpr double kLevel = 0.95;
constexpr double kLeastCost = 0.01;  // of a fault that relative_mfe is over

// Per window: in how many of a fault's realizations at one severity it was labelled right (clean: 1
// or 0). Small integers, so that sums are exact and fast.
struct Reduced {
  // [variant][seed][cell][window]; cell 0 is clean, then fault-major, severity-minor.
  std::vector<std::vector<std::vector<std::vector<std::uint16_t>>>> right;
};

Reduced reduce(const Predictions& p) {
  Reduced reduced;
  const std::vector<Condition> conditions = p.conditions();
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

// How often each seed and each window counts.
struct Weights {
  std::vector<int> seeds;              // sums to the number of seeds
  std::vector<std::uint16_t> windows;  // about one each
};

class Resampler {
 public:
  explicit Resampler(const Predictions& p) : seeds_(p.seeds), windows_(p.test.labels.size()) {
    std::map<std::int32_t, std::vector<std::uint32_t>> groups;
    for (size_t w = 0; w < windows_; ++w) {
      groups[p.test.groups[w]].push_back(static_cast<std::uint32_t>(w));
    }
    for (auto& [name, members] : groups) groups_.push_back(std::move(members));
  }

  Weights all() const {
    return {std::vector<int>(static_cast<size_t>(seeds_), 1),
            std::vector<std::uint16_t>(windows_, 1)};
  }

  Weights draw(std::uint32_t resample) const {
    Weights weights{std::vector<int>(static_cast<size_t>(seeds_), 0),
                    std::vector<std::uint16_t>(windows_, 0)};
    const CounterRng rng(1, "bootstrap");
    const auto pick = [&](size_t count, std::uint32_t level, std::uint32_t i) {
      return std::min(count - 1, static_cast<size_t>(rng.uniform(resample, level, i) *
                                                     static_cast<double>(count)));
    };
    for (int s = 0; s < seeds_; ++s) {
      weights.seeds[pick(static_cast<size_t>(seeds_), 0, static_cast<std::uint32_t>(s))] += 1;
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

 private:
  int seeds_;
  size_t windows_;
  std::vector<std::vector<std::uint32_t>> groups_;
};

// What one (re)sample says about one variant.
struct Sample {
  double clean = 0, f1 = 0, robust = 0, worst = 0, mfe = 0, relative_mfe = 0;
  size_t worst_fault = 0;
  std::vector<double> cells;  // accuracy of each
};

// What a fault costs, a mean over severities.
double excess(const Sample& sample, size_t fault, size_t severities) {
  double sum = 0;
  for (size_t s = 0; s < severities; ++s)
    sum += sample.clean - sample.cells[1 + fault * severities + s];
  return sum / static_cast<double>(severities);
}

double f1_of(const Predictions& p, size_t variant, const Weights& weights) {
  const auto classes = static_cast<int>(p.test.classes.size());
  double sum = 0, seeds = 0;
  for (size_t s = 0; s < weights.seeds.size(); ++s) {
    if (weights.seeds[s] == 0) continue;
    std::vector<std::int64_t> confusion(static_cast<size_t>(classes) * classes, 0);
    const auto& predicted = p.labels[variant][s][0];
    for (size_t w = 0; w < predicted.size(); ++w) {
      confusion[size_t{p.test.labels[w]} * classes + predicted[w]] += weights.windows[w];
    }
    sum += weights.seeds[s] * macro_f1(confusion, classes);
    seeds += weights.seeds[s];
  }
  return sum / seeds;
}

// `relative` are the faults that relative_mfe is over.
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
    sample.f1 = f1_of(p, v, weights);
    sample.robust = std::accumulate(sample.cells.begin() + 1, sample.cells.end(), 0.0) /
                    static_cast<double>(sample.cells.size() - 1);
    sample.worst = std::numeric_limits<double>::infinity();
  }
  const auto reference = static_cast<size_t>(
      std::find(p.variants.begin(), p.variants.end(), "fp32") - p.variants.begin());
  const Sample fp32 = samples[reference];
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

// The percentile interval of one number over the resamples, about its value on all the data. Order
// statistics are not interpolated: a breaking point may be infinite.
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

// Two-sided: twice the smaller share of resamples on either side of zero, never zero itself.
double p_value(const std::vector<double>& differences) {
  double below = 1, above = 1;
  for (const double d : differences) {
    below += d <= 0;
    above += d >= 0;
  }
  return std::min(1.0, 2 * std::min(below, above) / static_cast<double>(differences.size() + 1));
}

}  // namespace

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, p[order[i]] * static_cast<double>(order.size() - i));
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

double breaking_point(double clean, const std::vector<std::int64_t>& severities,
                      const std::vector<double>& accuracy, double drop) {
  double before_severity = 0, before = clean;
  for (size_t i = 0; i < severities.size(); ++i) {
    const auto severity = static_cast<double>(severities[i]);
    if (accuracy[i] <= clean - drop) {
      const double share = (before - (clean - drop)) / (before - accuracy[i]);
      return before_severity + share * (severity - before_severity);
    }
    before_severity = severity;
    before = accuracy[i];
  }
  return std::numeric_limits<double>::infinity();
}

Statistics statistics(const Predictions& p,
                      const std::vector<std::pair<std::string, std::string>>& pairs, int resamples,
                      int threads) {
  const Reduced reduced = reduce(p);
  const Resampler resampler(p);
  // A ratio to what hardly costs FP32 anything says nothing.
  std::vector<size_t> relative;
  const auto reference =
      static_cast<size_t>(std::ranges::find(p.variants, "fp32") - p.variants.begin());
  const Sample fp32 = sample(p, reduced, resampler.all(), {})[reference];
  for (size_t f = 0; f < p.faults.size(); ++f) {
    if (excess(fp32, f, p.severities.size()) >= kLeastCost) relative.push_back(f);
  }
  const std::vector<Sample> point = sample(p, reduced, resampler.all(), relative);
  std::vector<std::vector<Sample>> drawn(static_cast<size_t>(resamples));  // [resample][variant]
  parallel_for(resamples, threads, [&](int r) {
    drawn[static_cast<size_t>(r)] =
        sample(p, reduced, resampler.draw(static_cast<std::uint32_t>(r)), relative);
  });
  Statistics result;
  for (size_t v = 0; v < p.variants.size(); ++v) {
    const auto column = [&](auto member) {
      std::vector<double> values;
      for (const auto& resample : drawn) values.push_back(resample[v].*member);
      return values;
    };
    const auto estimate = [&](auto member) { return interval(point[v].*member, column(member)); };
    VariantStatistics s;
    s.variant = p.variants[v];
    s.clean_accuracy = estimate(&Sample::clean);
    s.macro_f1 = estimate(&Sample::f1);
    s.robust_accuracy = estimate(&Sample::robust);
    s.worst_fault_accuracy = estimate(&Sample::worst);
    s.mfe = estimate(&Sample::mfe);
    s.relative_mfe = estimate(&Sample::relative_mfe);
    s.worst_fault = p.faults[point[v].worst_fault];
    // Any other number made from the accuracies of all cells.
    const auto derived = [&](const auto& of_cells) {
      std::vector<double> resampled;
      for (const auto& resample : drawn) resampled.push_back(of_cells(resample[v].cells));
      return interval(of_cells(point[v].cells), std::move(resampled));
    };
    const size_t severities = p.severities.size();
    const auto cell = [severities](size_t fault, size_t i) { return 1 + fault * severities + i; };
    for (size_t i = 0; i < severities; ++i) {
      s.robust_accuracy_at.push_back(derived([&](const std::vector<double>& cells) {
        double sum = 0;
        for (size_t f = 0; f < p.faults.size(); ++f) sum += cells[cell(f, i)];
        return sum / static_cast<double>(p.faults.size());
      }));
    }
    for (size_t f = 0; f < p.faults.size(); ++f) {
      auto& of_fault = s.accuracy.emplace_back();
      for (size_t i = 0; i < severities; ++i) {
        of_fault.push_back(
            derived([&](const std::vector<double>& cells) { return cells[cell(f, i)]; }));
      }
      const auto curve = [&](const std::vector<double>& cells) {
        const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(cell(f, 0));
        return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(severities));
      };
      s.fault_accuracy.push_back(derived([&](const std::vector<double>& cells) {
        const auto values = curve(cells);
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(severities);
      }));
      s.breaking_point.push_back(derived([&](const std::vector<double>& cells) {
        return breaking_point(cells[0], p.severities, curve(cells));
      }));
    }
    result.variants.push_back(std::move(s));
  }
  const auto index_of = [&](const std::string& name) {
    return static_cast<size_t>(std::find(p.variants.begin(), p.variants.end(), name) -
                               p.variants.begin());
  };
  const auto compare = [&](const char* metric, double Sample::*member) {
    const size_t first = result.comparisons.size();
    std::vector<double> p_values;
    for (const auto& [a, b] : pairs) {
      const size_t ia = index_of(a), ib = index_of(b);
      std::vector<double> differences;
      for (const auto& resample : drawn) {
        differences.push_back(resample[ia].*member - resample[ib].*member);
      }
      p_values.push_back(p_value(differences));
      result.comparisons.push_back(
          {metric, a, b, interval(point[ia].*member - point[ib].*member, std::move(differences))});
    }
    const std::vector<double> adjusted = holm(p_values);
    for (size_t i = 0; i < adjusted.size(); ++i) {
      result.comparisons[first + i].p_adjusted = adjusted[i];
      result.comparisons[first + i].tie = adjusted[i] > 1 - kLevel;
    }
  };
  compare("robust accuracy", &Sample::robust);
  compare("clean accuracy", &Sample::clean);
  return result;
}

}  // namespace edgeproof::study
