// mse: in units of the scale, the squared rounding error (u - round(u))^2 has the antiderivative
// F(u) = r/12 + (u - r)^3/3 with r = round(u); with r clamped to the levels it holds for clipped
// values too. So a bin's mean error is exact for a uniform density, however wide the bin.
//
// entropy: Migacz 2017, "Entropy Calibration - pseudocode", on a histogram with signs. Outliers may
// be moved to a level that was empty, where the divergence would be infinite: Q has a small share
// there, which is what implementations that smooth both distributions amount to.

#include "compress/range_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/quantize.h"

namespace edgeproof::compress {
namespace {

constexpr int kGrid = 200;
constexpr int kThresholds = 512;
constexpr double kEmptyShare = 1e-4;

// The antiderivative above, `u` in steps from the zero point.
double error_integral(double u, const graph::Quantization& q) {
  const double level = std::clamp(std::round(u), double(q.lowest() - q.zero_point),
                                  double(q.highest() - q.zero_point));
  const double off = u - level;
  return level / 12 + off * off * off / 3;
}

double squared_error(const Histogram& histogram, const graph::Quantization& q) {
  const double steps = histogram.width() / q.scale;  // of the quantization, in a bin
  double sum = 0;
  for (int bin = 0; bin < 2 * histogram.half_bins(); ++bin) {
    const auto count = histogram.counts()[static_cast<std::size_t>(bin)];
    if (count == 0) continue;
    const double from = (bin - histogram.half_bins()) * steps;
    sum += static_cast<double>(count) *
           (error_integral(from + steps, q) - error_integral(from, q)) / steps;
  }
  return sum * q.scale * q.scale;
}

// D(P || Q) for P the counts in [begin, end) with everything outside moved to the two ends.
double divergence(std::span<const std::int64_t> counts, int begin, int end, int levels,
                  std::span<const double> below) {
  const int bins = end - begin;
  const double total = below.back();
  const auto p = [&](int bin) {
    double count = static_cast<double>(counts[static_cast<std::size_t>(bin)]);
    if (bin == begin) count += below[static_cast<std::size_t>(begin)];
    if (bin == end - 1) count += total - below[static_cast<std::size_t>(end)];
    return count;
  };
  const double inside =
      below[static_cast<std::size_t>(end)] - below[static_cast<std::size_t>(begin)];
  if (inside == 0) return std::numeric_limits<double>::infinity();
  double sum = 0;
  double q_total = 1;
  for (int level = 0; level < levels; ++level) {
    const int from = begin + static_cast<int>(std::int64_t{level} * bins / levels);
    const int to = begin + static_cast<int>(std::int64_t{level + 1} * bins / levels);
    int used = 0;
    for (int bin = from; bin < to; ++bin) used += p(bin) > 0 ? 1 : 0;
    if (used == 0) continue;
    const double held = below[static_cast<std::size_t>(to)] - below[static_cast<std::size_t>(from)];
    if (held == 0) q_total += kEmptyShare;
    const double q = (held == 0 ? kEmptyShare : held / inside) / used;
    for (int bin = from; bin < to; ++bin) {
      const double share = p(bin) / total;
      if (share > 0) sum += share * std::log(share / q);
    }
  }
  return sum + std::log(q_total);  // as if Q had been divided by its total
}

}  // namespace

Histogram::Histogram(Range seen, int half_bins)
    : seen_(seen),
      width_(double{std::max(std::abs(seen.lo), std::abs(seen.hi))} / half_bins),
      counts_(static_cast<std::size_t>(half_bins) * 2, 0) {}

void Histogram::add(std::span<const float> values) {
  if (empty()) return;
  const double last = static_cast<double>(counts_.size()) - 1;
  for (const float value : values) {
    if (value == 0) continue;
    const double bin = std::floor(value / width_) + half_bins();
    ++counts_[static_cast<std::size_t>(std::clamp(bin, 0.0, last))];
  }
}

Range mse_range(const Histogram& histogram, int bits) {
  Range best = histogram.seen();
  if (histogram.empty()) return best;
  double least = std::numeric_limits<double>::infinity();
  for (int i = kGrid; i >= 1; --i) {
    const float a = static_cast<float>(i) / kGrid;
    const Range range{a * histogram.seen().lo, a * histogram.seen().hi};
    const double error = squared_error(histogram, affine_quantization(range.lo, range.hi, bits));
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}

Range entropy_range(const Histogram& histogram, int levels) {
  Range best = histogram.seen();
  if (histogram.empty()) return best;
  const int half = histogram.half_bins();
  const auto bin_of = [&](float value) { return half + value / histogram.width(); };
  const Range seen{std::min(best.lo, 0.0F), std::max(best.hi, 0.0F)};
  const int first = std::max(0, static_cast<int>(std::floor(bin_of(seen.lo))));
  const int past = std::min(2 * half, static_cast<int>(std::ceil(bin_of(seen.hi))));
  std::vector<double> below{0};  // values in the bins before each
  for (const auto count : histogram.counts()) {
    below.push_back(below.back() + static_cast<double>(count));
  }
  double least = std::numeric_limits<double>::infinity();
  const int step = std::max(1, half / kThresholds);
  for (int t = half; t >= 1; t -= step) {
    const int begin = std::max(first, half - t);
    const int end = std::min(past, half + t);
    if (end - begin < levels) break;
    const double d = divergence(histogram.counts(), begin, end, levels, below);
    if (d < least) {
      least = d;
      const auto threshold = static_cast<float>(t * histogram.width());
      best = {std::max(seen.lo, -threshold), std::min(seen.hi, threshold)};
    }
  }
  return best;
}

}  // namespace edgeproof::compress
