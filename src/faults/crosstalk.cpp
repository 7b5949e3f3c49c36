// y_c = x_c + k sd_c z_j, z_j the z-score of another physical channel, drawn once for each channel
// of each recording: lines that couple. A missing sample of channel j adds nothing.

#include <algorithm>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

class Crosstalk : public Operator {
 public:
  explicit Crosstalk(const Site& site) {
    std::vector<int> physical;
    for (int c = 0; c < static_cast<int>(site.context.channels.size()); ++c) {
      if (site.context.physical(c)) physical.push_back(c);
    }
    for (const Lane& lane : site.lanes) {
      const std::uint64_t word = site.draws(lane.source).once()[0];
      auto index = static_cast<std::size_t>(word * (physical.size() - 1) >> 32);
      if (physical[index] >= lane.source) ++index;
      const auto other = static_cast<std::size_t>(physical[index]);
      const double sd = site.context.sd[other];  // a channel that never moves has no z-score
      const double gain = sd > 0 ? site.value * site.sd(lane) / sd : 0;
      lanes_.push_back(
          {lane.channel, physical[index], site.context.mean[other], static_cast<float>(gain)});
    }
    clean_.resize(lanes_.size() * kBlock);
  }

  void apply(const Frames&, const Frames& out) override {
    for (std::size_t l = 0; l < lanes_.size(); ++l) {
      std::ranges::copy(out.channel(lanes_[l].other), &clean_[l * kBlock]);
    }
    for (std::size_t l = 0; l < lanes_.size(); ++l) {
      const auto& [channel, other, mean, gain] = lanes_[l];
      const float* z = &clean_[l * kBlock];
      const auto x = out.channel(channel);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float coupled = gain * (z[i] - mean);
        x[i] += coupled == coupled ? coupled : 0;
      }
    }
  }

 private:
  struct Coupling {
    int channel, other;
    float mean, gain;
  };
  std::vector<Coupling> lanes_;
  std::vector<float> clean_;
};

std::optional<std::string> obstacle(const Context& context, std::span<const int>) {
  int physical = 0;
  for (int c = 0; c < static_cast<int>(context.channels.size()); ++c)
    physical += context.physical(c);
  if (physical >= 2) return std::nullopt;
  return "it needs two physical channels";
}

}  // namespace

Definition crosstalk() {
  return {.name = "crosstalk",
          .summary = "x + k sd z, z another channel's z-score",
          .parameter = {"k", "standard deviations of the channel, for one of the other", 0, 100},
          .severities = {0.05, 0.1, 0.2, 0.4, 0.6},
          .make = make<Crosstalk>,
          .obstacle = obstacle,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
