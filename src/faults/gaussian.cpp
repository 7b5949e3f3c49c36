// y = x + k sd n with n ~ N(0, 1), independent: the noise of an amplifier. One Box-Muller normal
// from the Philox block of each sample. Test: gaussian_test.cpp.

#include "core/random.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr auto kName = "gaussian";

void add_noise(double k, const Context& context, const Segment& segment, int channel) {
  const CounterRng rng(context.seed, kName);
  const double scale = k * context.sd[channel];
  for (int t = 0; t < segment.length; ++t) {
    float& x = segment.at(t, channel);
    x = static_cast<float>(x + scale * rng.normal(segment.recording, channel, t));
  }
}

}  // namespace

Definition gaussian() {
  return {.name = kName,
          .summary = "x + k sd n, n ~ N(0,1) independent",
          .parameter = {.name = "sd",
                        .unit = "standard deviations of the channel",
                        .min = 0,
                        .max = 100,
                        .severities = {0.1, 0.25, 0.5, 1, 2}},
          .apply = add_noise};
}

}  // namespace edgeproof::faults
