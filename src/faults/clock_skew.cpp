// y(t) = x((1 ± k) t) about the segment's middle, linear: a clock that is fast or slow. The sign is
// one bit for each channel of each recording.

#include <cmath>

#include "faults/fault.h"
#include "faults/interpolate.h"

namespace edgeproof::faults {
namespace {

class ClockSkew : public Operator {
 public:
  explicit ClockSkew(const Site& site)
      : middle_(static_cast<double>(site.begin) + static_cast<double>(site.length - 1) / 2),
        reach_(static_cast<std::int64_t>(
                   std::ceil(site.value * static_cast<double>(site.length) / 2)) +
               1) {
    for (const Lane& lane : site.lanes) {
      const bool slow = site.draws(lane.source).once()[0] >> 31;
      lanes_.emplace_back(lane.channel, slow ? -site.value : site.value);
    }
  }

  std::int64_t reach() const override { return reach_; }

  void apply(const Frames& in, const Frames& out) override {
    for (const auto& [channel, skew] : lanes_) {
      for (std::int64_t t = out.first; t < out.end(); ++t) {
        const auto time = static_cast<double>(t);
        float& y = out.at(channel, t);
        if (y == y) y = interpolate(in, channel, time + skew * (time - middle_));
      }
    }
  }

 private:
  double middle_;
  std::int64_t reach_;
  std::vector<std::pair<int, double>> lanes_;
};

}  // namespace

Definition clock_skew() {
  return {.name = "clock_skew",
          .summary = "x resampled (linear) at (1 ± k) t about the segment's middle",
          .parameter = {"k", "share of the clock rate", 0, 1},
          .severities = {0.005, 0.01, 0.02, 0.05, 0.1},
          .make = make<ClockSkew>,
          .needs_length = true};
}

}  // namespace edgeproof::faults
