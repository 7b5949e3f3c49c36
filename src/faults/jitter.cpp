// y(t) = x(t + e / fs), e ~ N(0, k^2), linear, all channels together: samples taken at times that
// wander.

#include <cmath>

#include "faults/fault.h"
#include "faults/interpolate.h"

namespace edgeproof::faults {
namespace {

constexpr double kLargestNormal = 7;  // of draws.h: sqrt(-2 ln(2^-33)) is 6.8

class Jitter : public Operator {
 public:
  explicit Jitter(const Site& site)
      : lanes_(site.lanes.begin(), site.lanes.end()), sd_(site.value), draws_(site.draws(0)) {}

  std::int64_t reach() const override {
    return static_cast<std::int64_t>(std::ceil(kLargestNormal * sd_)) + 1;
  }

  void apply(const Frames& in, const Frames& out) override {
    std::array<float, kBlock> n;
    draws_.normals(out.first, std::span(n).first(static_cast<std::size_t>(out.count)));
    for (const Lane& lane : lanes_) {
      for (int i = 0; i < out.count; ++i) {
        const std::int64_t t = out.first + i;
        float& y = out.at(lane.channel, t);
        if (y == y) y = interpolate(in, lane.channel, static_cast<double>(t) + sd_ * n[i]);
      }
    }
  }

 private:
  std::vector<Lane> lanes_;
  double sd_;
  Draws draws_;
};

}  // namespace

Definition jitter() {
  return {.name = "jitter",
          .summary = "x resampled (linear) at t + e/fs, e ~ N(0,k^2), all channels together",
          .parameter = {"sd", "sample periods", 0, 1000},
          .severities = {0.05, 0.1, 0.25, 0.5, 1},
          .make = make<Jitter>};
}

}  // namespace edgeproof::faults
