// 2,000 resamples are some dot products each (resampling.cpp). Test: statistics_test.cpp.

#include "results/statistics.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/parallel.h"
#include "results/resampling.h"

namespace edgeproof::results {

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
  const std::vector<size_t> relative = costly_faults(p, reduced);
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

}  // namespace edgeproof::results
