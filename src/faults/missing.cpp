// Each sample is NaN with probability p, independently of everything (missing completely at
// random). One uniform of each sample against p, so that the mask of a lower p is part of that of a
// higher one. Test: missing_test.cpp.

#include <limits>

#include "core/random.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr auto kName = "missing";

void remove(double p, const Context& context, const Segment& segment, int channel) {
  const CounterRng rng(context.seed, kName);
  for (int t = 0; t < segment.length; ++t) {
    if (rng.uniform(segment.recording, channel, t) < p) {
      segment.at(t, channel) = std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace

Definition missing() {
  return {.name = kName,
          .summary = "NaN with probability p, independent",
          .parameter = {.name = "p",
                        .unit = "probability of a sample",
                        .min = 0,
                        .max = 1,
                        .severities = {0.05, 0.1, 0.2, 0.4, 0.8}},
          .apply = remove};
}

}  // namespace edgeproof::faults
