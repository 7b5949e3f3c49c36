#include "experiment/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "signal/dataset.h"

namespace edgeproof::experiment {

std::vector<std::int64_t> confusion_matrix(Labels truth, Labels predicted, int classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes) * classes, 0);
  for (std::size_t i = 0; i < truth.size(); ++i)
    ++counts[std::size_t{truth[i]} * classes + predicted[i]];
  return counts;
}

double accuracy(std::span<const std::int64_t> confusion, int classes) {
  std::int64_t right = 0;
  for (int c = 0; c < classes; ++c) right += confusion[static_cast<std::size_t>(c) * classes + c];
  const std::int64_t all = std::accumulate(confusion.begin(), confusion.end(), std::int64_t{0});
  return static_cast<double>(right) / static_cast<double>(all);
}

double macro_f1(std::span<const std::int64_t> confusion, int classes) {
  double sum = 0;
  int present = 0;
  for (int c = 0; c < classes; ++c) {
    std::int64_t truth = 0, predicted = 0;
    for (int other = 0; other < classes; ++other) {
      truth += confusion[static_cast<std::size_t>(c) * classes + other];
      predicted += confusion[static_cast<std::size_t>(other) * classes + c];
    }
    if (truth == 0) continue;
    ++present;
    const std::int64_t right = confusion[static_cast<std::size_t>(c) * classes + c];
    sum += 2.0 * static_cast<double>(right) / static_cast<double>(truth + predicted);
  }
  return sum / present;
}

double flip_rate(Labels a, Labels b) {
  std::int64_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += a[i] != b[i];
  return static_cast<double>(different) / static_cast<double>(a.size());
}

double expected_calibration_error(std::span<const float> logits, Labels truth, int classes) {
  constexpr int kBins = 15;
  std::array<double, kBins> confidence{}, right{};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row =
        logits.subspan(i * static_cast<std::size_t>(classes), static_cast<std::size_t>(classes));
    const auto top = std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float z : row) sum += std::exp(double{z} - *top);
    const double p = 1 / sum;
    const int bin = std::min(kBins - 1, static_cast<int>(p * kBins));
    confidence[bin] += p;
    right[bin] += (top - row.begin()) == truth[i] ? 1 : 0;
  }
  double error = 0;
  for (int b = 0; b < kBins; ++b) error += std::abs(confidence[b] - right[b]);
  return error / static_cast<double>(truth.size());
}

std::vector<std::uint8_t> argmax(std::span<const float> logits, int classes) {
  if (classes > signal::kMostClasses) {
    fail(ErrorCode::unsupported, "the network has {} classes, at most {} are supported", classes,
         signal::kMostClasses);
  }
  std::vector<std::uint8_t> labels;
  for (std::size_t begin = 0; begin < logits.size(); begin += static_cast<std::size_t>(classes)) {
    const auto row = logits.subspan(begin, static_cast<std::size_t>(classes));
    labels.push_back(
        static_cast<std::uint8_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return labels;
}

}  // namespace edgeproof::experiment
