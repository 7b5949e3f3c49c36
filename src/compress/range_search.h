#pragma once

// Activation ranges from a histogram: which outliers to clip so that the rest is rounded finely.
//
// Exact zeros are counted apart, because every range holds zero and represents it without error;
// after ReLU they are the larger part of all values, and would hide what happens to the others.

#include <cstdint>
#include <span>
#include <vector>

namespace edgeproof::compress {

struct Range {
  float lo = 0;
  float hi = 0;
};

// Bins of equal width over [-bound, bound], zero on an edge between two. Values beyond it count at
// the ends; bound 0 means that all values are zero.
class Histogram {
 public:
  static constexpr int kHalfBins = 2048;

  // Counts values that lie in `seen`.
  explicit Histogram(Range seen, int half_bins = kHalfBins);

  void add(std::span<const float> values);  // finite

  Range seen() const { return seen_; }
  int half_bins() const { return static_cast<int>(counts_.size() / 2); }
  double width() const { return width_; }
  std::span<const std::int64_t> counts() const { return counts_; }  // without zeros
  bool empty() const { return width_ == 0; }

 private:
  Range seen_;
  double width_;
  std::vector<std::int64_t> counts_;
};

// The [a * lo, a * hi], a = 1/200 ... 1, whose affine quantization in so many bits has the least
// mean squared error over the values (rounding and clipping), taken as uniform within each bin.
// Ties go to the wider range.
Range mse_range(const Histogram& histogram, int bits = 8);

// The threshold T whose clipping to [-T, T] loses least information: the smallest Kullback-Leibler
// divergence of the values' distribution, its outliers moved to the threshold, from the same
// distribution in `levels` steps (Migacz 2017, "8-bit Inference with TensorRT"). The range is
// [-T, T] within what was seen, so that outputs of ReLU spend all levels on one side. Ties go to
// the wider range.
Range entropy_range(const Histogram& histogram, int levels = 256);

}  // namespace edgeproof::compress
