// Everything that a sample says is a weighted sum of how many windows were right, or were given
// another label than when clean, so that predictions are reduced once, before resampling, to counts
// per window. Macro-F1 needs the clean confusion matrix. Test: statistics_test.cpp.

#include "results/resampling.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <span>

#include "core/error.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/text.h"
#include "experiment/metrics.h"

namespace edgeproof::results {
namespace {

constexpr double kLeastCost = 0.01;  // of a fault that relative_mfe is over
constexpr double kRounding = 1e-9;   // of sums of shares, which may miss 0 by as much

// Per cell of a Sample and test window: in how many of a cell's realizations the window was given a
// certain label (clean: 1 or 0). Small integers, so that sums are exact and fast.
using Counts = std::vector<std::vector<std::uint16_t>>;

// Windows are counted class by class, so that a class' recall is a sum over neighbours.
struct Reduced {
  std::vector<std::uint32_t> order;                 // the windows, by class
  std::vector<std::size_t> class_ends;              // [class]: where its windows end in `order`
  std::vector<std::vector<Counts>> right, flipped;  // [variant][seed]
};

// Counts where a relation holds between `labels`, of each condition one per window, and
// `reference`, one per window.
template <typename Relation>
Counts count_where(const Predictions& p, const std::vector<std::uint32_t>& order,
                   const std::vector<std::vector<std::uint8_t>>& labels, const Relation& holds,
                   const std::vector<std::uint8_t>& reference) {
  Counts counts(1 + p.faults.size() * p.severities.size(),
                std::vector<std::uint16_t>(reference.size(), 0));
  const std::size_t conditions = p.conditions().size();
  for (std::size_t c = 0; c < conditions; ++c) {
    auto& cell = counts[c == 0 ? 0 : 1 + (c - 1) / static_cast<std::size_t>(p.realizations)];
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t w = order[i];
      cell[i] = static_cast<std::uint16_t>(cell[i] + (holds(labels[c][w], reference[w]) ? 1 : 0));
    }
  }
  return counts;
}

Reduced reduce(const Predictions& p) {
  Reduced reduced;
  reduced.order.resize(p.test.labels.size());
  std::iota(reduced.order.begin(), reduced.order.end(), 0u);
  std::ranges::stable_sort(reduced.order, {}, [&](std::uint32_t w) { return p.test.labels[w]; });
  for (std::size_t name = 0; name < p.test.classes.size(); ++name) {
    const auto end = std::ranges::upper_bound(
        reduced.order, name, {}, [&](std::uint32_t w) { return std::size_t{p.test.labels[w]}; });
    reduced.class_ends.push_back(static_cast<std::size_t>(end - reduced.order.begin()));
  }
  for (const auto& of_variant : p.labels) {
    auto& right = reduced.right.emplace_back();
    auto& flipped = reduced.flipped.emplace_back();
    for (const auto& of_seed : of_variant) {
      right.push_back(count_where(p, reduced.order, of_seed, std::equal_to(), p.test.labels));
      flipped.push_back(
          count_where(p, reduced.order, of_seed, std::not_equal_to(), of_seed.front()));
    }
  }
  return reduced;
}

// Of each cell, means over seeds: the weighted share of all windows that were counted, and the
// unweighted mean over classes of their shares. A class that a resample has no window of is left
// out of it.
struct CellShares {
  std::vector<double> all, balanced;
};

CellShares cell_shares(const Predictions& p, const Reduced& reduced,
                       const std::vector<Counts>& of_seeds, const Weights& weights) {
  std::vector<std::uint16_t> by_class(reduced.order.size());
  std::ranges::transform(reduced.order, by_class.begin(),
                         [&](std::uint32_t w) { return weights.windows[w]; });
  std::vector<double> class_windows;
  std::size_t begin = 0;
  for (const std::size_t end : reduced.class_ends) {
    class_windows.push_back(std::accumulate(by_class.data() + begin, by_class.data() + end, 0.0));
    begin = end;
  }
  const double windows = std::accumulate(class_windows.begin(), class_windows.end(), 0.0);
  const auto present =
      static_cast<double>(std::ranges::count_if(class_windows, [](double n) { return n > 0; }));
  const std::size_t cells = 1 + p.faults.size() * p.severities.size();
  CellShares shares{std::vector<double>(cells, 0), std::vector<double>(cells, 0)};
  for (std::size_t s = 0; s < weights.seeds.size(); ++s) {
    if (weights.seeds[s] == 0) continue;
    for (std::size_t c = 0; c < cells; ++c) {
      const auto& counts = of_seeds[s][c];
      const double of = c == 0 ? 1 : p.realizations;
      int sum = 0;
      double recalls = 0;
      begin = 0;
      for (std::size_t name = 0; name < reduced.class_ends.size(); ++name) {
        const std::size_t end = reduced.class_ends[name];
        const int of_class = std::inner_product(counts.data() + begin, counts.data() + end,
                                                by_class.data() + begin, 0);
        if (class_windows[name] > 0) recalls += of_class / class_windows[name];
        sum += of_class;
        begin = end;
      }
      shares.all[c] += weights.seeds[s] * static_cast<double>(sum) / (windows * p.seeds * of);
      shares.balanced[c] += weights.seeds[s] * recalls / (present * p.seeds * of);
    }
  }
  return shares;
}

double mean_under_faults(const std::vector<double>& cells) {
  return std::accumulate(cells.begin() + 1, cells.end(), 0.0) /
         static_cast<double>(cells.size() - 1);
}

std::span<const double> cells_of(const Sample& sample, std::size_t fault, std::size_t severities) {
  return std::span(sample.cells).subspan(1 + fault * severities, severities);
}

double error_sum(const Sample& sample, std::size_t fault, std::size_t severities) {
  double sum = 0;
  for (const double accuracy : cells_of(sample, fault, severities)) sum += 1 - accuracy;
  return sum;
}

// What a fault costs, a mean over severities.
double excess(const Sample& sample, std::size_t fault, std::size_t severities) {
  double sum = 0;
  for (const double accuracy : cells_of(sample, fault, severities)) sum += sample.clean - accuracy;
  return sum / static_cast<double>(severities);
}

double mean_accuracy(const Sample& sample, std::size_t fault, std::size_t severities) {
  double mean = 0;
  for (const double accuracy : cells_of(sample, fault, severities)) {
    mean += accuracy / static_cast<double>(severities);
  }
  return mean;
}

// The mean over `faults` of what one sample loses divided by what the reference loses; undefined
// over none.
template <typename Loss>
double mean_ratio(const Sample& sample, const Sample& reference,
                  const std::vector<std::size_t>& faults, std::size_t severities,
                  const Loss& loss) {
  if (faults.empty()) return std::numeric_limits<double>::quiet_NaN();
  double mean = 0;
  for (const std::size_t f : faults) {
    mean += loss(sample, f, severities) / loss(reference, f, severities) /
            static_cast<double>(faults.size());
  }
  return mean;
}

// The faults that cost the reference enough for a ratio to it to say something.
std::vector<std::size_t> costly_faults(const Predictions& p, const Sample& reference) {
  std::vector<std::size_t> costly;
  for (std::size_t f = 0; f < p.faults.size(); ++f) {
    if (excess(reference, f, p.severities.size()) >= kLeastCost) costly.push_back(f);
  }
  return costly;
}

// What is said of each variant without regard to the others.
std::vector<Sample> absolute_samples(const Predictions& p, const Reduced& reduced,
                                     const Weights& weights) {
  std::vector<Sample> samples(p.variants.size());
  for (std::size_t v = 0; v < samples.size(); ++v) {
    Sample& sample = samples[v];
    CellShares right = cell_shares(p, reduced, reduced.right[v], weights);
    sample.cells = std::move(right.all);
    sample.balanced_cells = std::move(right.balanced);
    sample.clean = sample.cells[0];
    sample.balanced = sample.balanced_cells[0];
    sample.robust_balanced = mean_under_faults(sample.balanced_cells);
    sample.f1 = macro_f1_under(p, v, 0, weights);
    sample.robust = mean_under_faults(sample.cells);
    sample.flips = cell_shares(p, reduced, reduced.flipped[v], weights).all;
    sample.flip_rate = mean_under_faults(sample.flips);
    sample.worst = std::numeric_limits<double>::infinity();
    for (std::size_t f = 0; f < p.faults.size(); ++f) {
      const double mean = mean_accuracy(sample, f, p.severities.size());
      if (mean >= sample.worst) continue;
      sample.worst = mean;
      sample.worst_fault = f;
    }
  }
  return samples;
}

// With what is relative to fp32; `costly` are the faults that relative_mfe is over. A fault that
// costs fp32 nothing in this very resample is left out of its ratios.
std::vector<Sample> with_ratios(const Predictions& p, std::vector<Sample> samples,
                                const std::vector<std::size_t>& costly) {
  const Sample fp32 = samples[variant_index(p, "fp32")];
  const std::size_t severities = p.severities.size();
  std::vector<std::size_t> erring, costing;
  for (std::size_t f = 0; f < p.faults.size(); ++f) {
    if (!is_error_free(fp32, f, severities)) erring.push_back(f);
  }
  for (const std::size_t f : costly) {
    if (std::abs(excess(fp32, f, severities)) > kRounding) costing.push_back(f);
  }
  for (Sample& sample : samples) {
    sample.mfe = mean_ratio(sample, fp32, erring, severities, error_sum);
    sample.relative_mfe = mean_ratio(sample, fp32, costing, severities, excess);
  }
  return samples;
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
  for (std::size_t v = 0; v < p.variants.size(); ++v) {
    if (p.variants[v] != "fp32" && !named(p.variants[v])) continue;
    some.variants.push_back(p.variants[v]);
    some.labels.push_back(p.labels[v]);
  }
  return some;
}

}  // namespace

std::size_t variant_index(const Predictions& p, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(p.variants, name) - p.variants.begin());
}

double macro_f1_under(const Predictions& p, std::size_t variant, std::size_t condition,
                      const Weights& weights) {
  const auto classes = static_cast<int>(p.test.classes.size());
  double sum = 0, seeds = 0;
  for (std::size_t s = 0; s < weights.seeds.size(); ++s) {
    if (weights.seeds[s] == 0) continue;
    std::vector<std::int64_t> confusion(static_cast<std::size_t>(classes) * classes, 0);
    const auto& predicted = p.labels[variant][s][condition];
    for (std::size_t w = 0; w < predicted.size(); ++w) {
      confusion[std::size_t{p.test.labels[w]} * classes + predicted[w]] += weights.windows[w];
    }
    sum += weights.seeds[s] * experiment::macro_f1(confusion, classes);
    seeds += weights.seeds[s];
  }
  return sum / seeds;
}

Resampler::Resampler(const Predictions& p, SeedDraws draws)
    : seeds_(p.seeds),
      windows_(p.test.labels.size()),
      seed_level_(draws == SeedDraws::shared ? 0 : 3) {
  std::map<std::int32_t, std::vector<std::uint32_t>> groups;
  for (std::size_t w = 0; w < windows_; ++w) {
    groups[p.test.groups[w]].push_back(static_cast<std::uint32_t>(w));
  }
  for (auto& [name, members] : groups) groups_.push_back(std::move(members));
}

Weights Resampler::all() const {
  return {std::vector<int>(static_cast<std::size_t>(seeds_), 1),
          std::vector<std::uint16_t>(windows_, 1)};
}

Weights Resampler::draw(std::uint32_t resample) const {
  Weights weights{std::vector<int>(static_cast<std::size_t>(seeds_), 0),
                  std::vector<std::uint16_t>(windows_, 0)};
  const CounterRng rng(1, "bootstrap");
  const auto pick = [&](std::size_t count, std::uint32_t level, std::uint32_t i) {
    return std::min(count - 1, static_cast<std::size_t>(rng.uniform(resample, level, i) *
                                                        static_cast<double>(count)));
  };
  for (int s = 0; s < seeds_; ++s) {
    weights.seeds[pick(static_cast<std::size_t>(seeds_), seed_level_,
                       static_cast<std::uint32_t>(s))] += 1;
  }
  std::uint32_t draws = 0;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const auto& members = groups_[pick(groups_.size(), 1, g)];
    for (std::size_t i = 0; i < members.size(); ++i) {
      ++weights.windows[members[pick(members.size(), 2, draws++)]];
    }
  }
  return weights;
}

bool is_error_free(const Sample& reference, std::size_t fault, std::size_t severities) {
  return error_sum(reference, fault, severities) < kRounding;
}

Bootstrap::Bootstrap(const Predictions& p, const std::vector<std::string>& variants,
                     SeedDraws draws, int resamples, int threads) {
  const Predictions some = of_variants(p, variants);
  const Reduced reduced = reduce(some);
  const Resampler resampler(some, draws);
  variants_ = some.variants;
  point_ = absolute_samples(some, reduced, resampler.all());
  const auto costly = costly_faults(some, point_[variant_index(some, "fp32")]);
  point_ = with_ratios(some, std::move(point_), costly);
  drawn_.assign(variants_.size(), std::vector<Sample>(static_cast<std::size_t>(resamples)));
  parallel_for(resamples, threads, [&](int r) {
    const Weights weights = resampler.draw(static_cast<std::uint32_t>(r));
    std::vector<Sample> samples =
        with_ratios(some, absolute_samples(some, reduced, weights), costly);
    for (std::size_t v = 0; v < samples.size(); ++v) {
      drawn_[v][static_cast<std::size_t>(r)] = std::move(samples[v]);
    }
  });
}

std::size_t Bootstrap::index(const std::string& variant) const {
  return static_cast<std::size_t>(std::ranges::find(variants_, variant) - variants_.begin());
}

Interval interval(double value, std::vector<double> resampled) {
  std::erase_if(resampled, [](double x) { return std::isnan(x); });
  if (resampled.empty()) return {value, value, value};
  std::sort(resampled.begin(), resampled.end());
  const auto at = [&](double share) {
    return resampled[static_cast<std::size_t>(
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

PairedDifference paired_difference(double Sample::*of, const Bootstrap& of_a, const std::string& a,
                                   const Bootstrap& of_b, const std::string& b) {
  const std::vector<Sample>&drawn_a = of_a.drawn(a), &drawn_b = of_b.drawn(b);
  std::vector<double> differences;
  for (std::size_t r = 0; r < drawn_a.size(); ++r) {
    differences.push_back(drawn_a[r].*of - drawn_b[r].*of);
  }
  const double p = p_value(differences);
  return {interval(of_a.point(a).*of - of_b.point(b).*of, std::move(differences)), p};
}

}  // namespace edgeproof::results
