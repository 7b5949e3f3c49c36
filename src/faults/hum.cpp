// y = x + k sd sin(2 pi f t + phi), f = 50 or 60 Hz ± 0.5 Hz, the same on all channels: mains that
// couple in, aliased by sampling as on a device. One bit chooses 50 or 60 Hz. Sensors that give no
// more than 10 samples a second average over whole periods of both mains frequencies: there is no
// hum in them.

#include <fmt/format.h>

#include <cmath>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr double kLowestRate = 10;

class Hum : public Operator {
 public:
  explicit Hum(const Site& site) {
    const auto words = site.draws(0).once();
    double hz = site.constants[0];
    if (hz == 0) hz = ((words[0] >> 31) != 0 ? 60 : 50) + (words[1] + 0.5) * 0x1.0p-32 - 0.5;
    const double turns = hz / site.context.rate_hz;  // per sample
    step_ = static_cast<std::uint64_t>(std::ldexp(turns - std::floor(turns), 64));
    phase_ = static_cast<std::uint64_t>(words[2]) << 32 | words[3];
    for (const Lane& lane : site.lanes) {
      lanes_.emplace_back(lane.channel, static_cast<float>(site.value * site.sd(lane)));
    }
  }

  void apply(const Frames&, const Frames& out) override {
    std::array<float, kBlock> sine;
    sines(phase_ + static_cast<std::uint64_t>(out.first) * step_, step_,
          std::span(sine).first(static_cast<std::size_t>(out.count)));
    for (const auto& [channel, amplitude] : lanes_) {
      const auto x = out.channel(channel);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += amplitude * sine[i];
    }
  }

 private:
  std::uint64_t phase_ = 0, step_ = 0;  // in turns / 2^64
  std::vector<std::pair<int, float>> lanes_;
};

std::optional<std::string> obstacle(const Context& context, std::span<const int>) {
  if (context.rate_hz > kLowestRate) return std::nullopt;
  if (context.rate_hz == 0) return "the sampling rate is not known";
  return fmt::format("at {} samples a second sensors average over mains periods", context.rate_hz);
}

}  // namespace

Definition hum() {
  return {
      .name = "hum",
      .summary = "x + k sd sin(2 pi f t + phi), f = 50 or 60 Hz ± 0.5 Hz, the same on all channels",
      .parameter = {"sd", "standard deviations of the channel, the amplitude", 0, 100},
      .severities = {0.1, 0.25, 0.5, 1, 2},
      .constants = {{{"hz", "Hz; 0: drawn", 0, 1e6}, 0}},
      .make = make<Hum>,
      .obstacle = obstacle,
      .additive = true,
      .needs_statistics = true};
}

}  // namespace edgeproof::faults
