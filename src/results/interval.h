#pragma once

#include <limits>

namespace edgeproof::results {

// An estimate and the ends of its 95 % interval. All are NaN if it was not measured or is
// undefined; a breaking point that was never reached is +infinity.
struct Interval {
  double value = std::numeric_limits<double>::quiet_NaN();
  double lo = std::numeric_limits<double>::quiet_NaN();
  double hi = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace edgeproof::results
