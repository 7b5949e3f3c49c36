#pragma once

// Mean and population standard deviation in one pass (Welford 1962).

#include <cmath>
#include <cstdint>

namespace edgeproof::signal {

class Moments {
 public:
  // Leave NaN out.
  void add(double value) {
    ++count_;
    const double step = value - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (value - mean_);
  }

  std::int64_t count() const { return count_; }
  // Both need a count above 0; sd() is NaN without.
  double mean() const { return mean_; }
  double sd() const { return std::sqrt(squares_ / static_cast<double>(count_)); }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

}  // namespace edgeproof::signal
