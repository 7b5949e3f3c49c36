// max(1, round(f C)) of the C physical channels are NaN throughout, chosen at random: a broken
// wire. Channels fall out in the order of one number drawn for each, so that a higher f loses the
// same ones and more.

#include <algorithm>
#include <cmath>
#include <limits>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

class Dropout : public Operator {
 public:
  explicit Dropout(const Site& site) {
    std::vector<std::pair<std::uint64_t, int>> order;
    for (const Lane& lane : site.lanes) {
      const auto words = site.draws(lane.source).once();
      order.emplace_back(std::uint64_t{words[0]} << 32 | words[1], lane.channel);
    }
    std::sort(order.begin(), order.end());
    const double share = std::round(site.value * static_cast<double>(order.size()));
    order.resize(static_cast<std::size_t>(std::max(1.0, share)));
    for (const auto& [key, channel] : order) lost_.push_back(channel);
  }

  void apply(const Frames&, const Frames& out) override {
    for (const int channel : lost_) {
      std::ranges::fill(out.channel(channel), std::numeric_limits<float>::quiet_NaN());
    }
  }

 private:
  std::vector<int> lost_;
};

std::optional<std::string> obstacle(const Context&, std::span<const int> channels) {
  if (channels.size() >= 2) return std::nullopt;
  return "it needs two physical channels";
}

}  // namespace

Definition dropout() {
  return {.name = "dropout",
          .summary = "max(1, round(f C)) whole channels NaN, chosen at random",
          .parameter = {"f", "share of the channels", 0, 1},
          .severities = {0.1, 0.2, 0.4, 0.6, 0.8},
          .make = make<Dropout>,
          .obstacle = obstacle};
}

}  // namespace edgeproof::faults
