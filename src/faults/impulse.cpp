// With probability p a sample becomes x ± a sd, a ~ U(3, 8): spikes of electrical interference. Of
// the Philox block of a sample, words 0 and 1 say whether it is hit, word 2 says how hard and word
// 3 with which sign, so that a higher p adds spikes and leaves the others as they are. Test:
// impulse_test.cpp.

#include "core/random.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr auto kName = "impulse";
constexpr double kSmallest = 3;
constexpr double kLargest = 8;

void add_spikes(double p, const Context& context, const Segment& segment, int channel) {
  const CounterRng rng(context.seed, kName);
  const double sd = context.sd[channel];
  for (int t = 0; t < segment.length; ++t) {
    const auto words = rng.words(segment.recording, channel, t);
    if (CounterRng::unit(words[0], words[1]) >= p) continue;
    const double a = kSmallest + (kLargest - kSmallest) * CounterRng::unit(words[2], 0);
    float& x = segment.at(t, channel);
    x = static_cast<float>(x + (words[3] >> 31 ? -a : a) * sd);
  }
}

}  // namespace

Definition impulse() {
  return {.name = kName,
          .summary = "with probability p: x ± a sd, a ~ U(3,8), random sign",
          .parameter = {.name = "p",
                        .unit = "probability of a sample",
                        .min = 0,
                        .max = 1,
                        .severities = {0.005, 0.01, 0.02, 0.05, 0.1}},
          .apply = add_spikes};
}

}  // namespace edgeproof::faults
