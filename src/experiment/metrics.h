#pragma once

// Metrics of predicted labels and scores (docs/metrics.md). Pure functions, of at most
// signal::kMostClasses classes.

#include <cstdint>
#include <span>
#include <vector>

namespace edgeproof::experiment {

using Labels = std::span<const std::uint8_t>;

// counts[truth * classes + predicted]
std::vector<std::int64_t> confusion_matrix(Labels truth, Labels predicted, int classes);

double accuracy(std::span<const std::int64_t> confusion, int classes);

// Unweighted mean of F1 over the classes that occur in truth; one never predicted counts 0.
double macro_f1(std::span<const std::int64_t> confusion, int classes);

// Share of positions where the two differ.
double flip_rate(Labels a, Labels b);

// Expected calibration error: 15 equal-width bins of the top softmax probability, mean over windows
// of |confidence - accuracy| of their bin (Guo et al. 2017). logits: [windows, classes].
double expected_calibration_error(std::span<const float> logits, Labels truth, int classes);

// The largest logit of each row; the first one of equals. Error unsupported for more than 256
// classes.
std::vector<std::uint8_t> argmax(std::span<const float> logits, int classes);

}  // namespace edgeproof::experiment
