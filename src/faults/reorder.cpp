// Blocks of 0.16 s, all channels together, from the segment's beginning: each in turn is, with
// probability p, swapped with the next one, so that a packet can be late by several. Samples move
// with their packet, missing and derived ones too. A part of a block at the end stays where it is.

#include <algorithm>
#include <cmath>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

class Reorder : public Operator {
 public:
  explicit Reorder(const Site& site)
      : lanes_(site.lanes.begin(), site.lanes.end()),
        begin_(site.begin),
        size_(std::max<std::int64_t>(
            1, static_cast<std::int64_t>(std::round(site.constants[0] * site.context.rate_hz)))),
        chance_(site.value),
        draws_(site.draws(0)) {}

  std::int64_t reach() const override { return 2 * size_; }

  void apply(const Frames& in, const Frames& out) override {
    for (std::int64_t t = out.first; t < out.end();) {
      const std::int64_t place = (t - begin_) % size_;
      const std::int64_t block = t - place;
      if (place == 0) send(in, block);
      const std::int64_t count = std::min(size_ - place, out.end() - t);
      if (block + size_ <= in.end()) {
        for (std::size_t l = 0; l < lanes_.size(); ++l) {
          std::copy_n(&sent_[l * static_cast<std::size_t>(size_) + static_cast<std::size_t>(place)],
                      count, &out.at(lanes_[l].channel, t));
        }
      }
      t += count;
    }
  }

 private:
  // Decides what is sent in place of the block that begins at sample `block`.
  void send(const Frames& in, std::int64_t block) {
    if (block + size_ > in.end()) return;
    if (has_late_) {
      sent_ = late_;
    } else {
      sent_ = packet(in, block);
    }
    const bool has_next = block + 2 * size_ <= in.end();
    has_late_ = has_next && chance_.hits(draws_.word((block - begin_) / size_));
    if (!has_late_) return;
    late_ = sent_;
    sent_ = packet(in, block + size_);
  }

  std::vector<float> packet(const Frames& in, std::int64_t first) const {
    std::vector<float> samples;
    samples.reserve(lanes_.size() * static_cast<std::size_t>(size_));
    for (const Lane& lane : lanes_) {
      const float* x = &in.at(lane.channel, first);
      samples.insert(samples.end(), x, x + size_);
    }
    return samples;
  }

  std::vector<Lane> lanes_;
  std::int64_t begin_, size_;
  Chance chance_;
  Draws draws_;
  std::vector<float> sent_, late_;
  bool has_late_ = false;
};

std::optional<std::string> obstacle(const Context& context, std::span<const int>) {
  if (context.rate_hz > 0) return std::nullopt;
  return "the sampling rate is not known";
}

}  // namespace

Definition reorder() {
  return {.name = "reorder",
          .summary = "blocks of 0.16 s: with probability p swapped with the next one",
          .parameter = {"p", "probability of a block", 0, 1},
          .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
          .constants = {{{"block", "seconds", 1e-6, 1e6}, 0.16}},
          .make = make<Reorder>,
          .obstacle = obstacle,
          .acts_on_derived = [](const Context&, int) { return true; }};
}

}  // namespace edgeproof::faults
