// Gilbert's and Elliott's channel (Gilbert, Bell System Technical Journal 1960): packets are lost
// in bursts, all channels together. Two states; in the bad one samples are NaN. The share of the
// bad state is p, its mean length B = 0.16 s, but no shorter than independent losses make it, 1 /
// (1 - p).
//
//   P(bad after bad) = 1 - 1 / B        P(bad after good) = p / ((1 - p) B)
//
// One word a sample against the one or the other; as B >= 1 / (1 - p), the second is never the
// larger one, and a higher p loses all that a lower one does.

#include <algorithm>
#include <limits>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

class Bursts : public Operator {
 public:
  explicit Bursts(const Site& site) : begin_(site.begin), draws_(site.draws(0)) {
    for (const Lane& lane : site.lanes) channels_.push_back(lane.channel);
    const double p = site.value;
    first_ = after_good_ = after_bad_ = Chance(p);
    if (p == 1) return;
    const double length = std::max(site.constants[0] * site.context.rate_hz, 1 / (1 - p));
    after_bad_ = Chance(1 - 1 / length);
    after_good_ = Chance(p / ((1 - p) * length));
  }

  void apply(const Frames&, const Frames& out) override {
    std::array<std::uint32_t, kBlock> words;
    draws_.words(out.first, std::span(words).first(static_cast<std::size_t>(out.count)));
    std::array<bool, kBlock> lost;
    for (int i = 0; i < out.count; ++i) {
      const bool at_begin = out.first + i == begin_;
      bad_ = (at_begin ? first_ : bad_ ? after_bad_ : after_good_).hits(words[i]);
      lost[i] = bad_;
    }
    for (const int channel : channels_) {
      const auto x = out.channel(channel);
      for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = lost[i] ? std::numeric_limits<float>::quiet_NaN() : x[i];
      }
    }
  }

 private:
  std::vector<int> channels_;
  std::int64_t begin_;
  Draws draws_;
  Chance first_, after_good_, after_bad_;
  bool bad_ = false;
};

std::optional<std::string> obstacle(const Context& context, std::span<const int>) {
  if (context.rate_hz > 0) return std::nullopt;
  return "the sampling rate is not known";
}

}  // namespace

Definition missing_burst() {
  return {.name = "missing_burst",
          .summary = "Gilbert-Elliott: loss rate p, mean burst 0.16 s, all channels together",
          .parameter = {"p", "share of samples lost", 0, 1},
          .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
          .constants = {{{"burst", "seconds, the mean", 1e-6, 1e6}, 0.16}},
          .make = make<Bursts>,
          .obstacle = obstacle};
}

}  // namespace edgeproof::faults
