// An additive fault is run a second time, on zeros, for the filtered channels: its draws are those
// of their sources, and no rounding of the samples gets into d. Test: derived_test.cpp.

#include "faults/derived.h"

#include <algorithm>
#include <functional>

#include "core/error.h"

namespace edgeproof::faults {

DerivedChannels::DerivedChannels(const Definition& fault, const Site& site,
                                 std::span<const Lane> lanes) {
  std::vector<Lane> places;  // in d_
  for (const Lane& lane : lanes) {
    const signal::Channel& channel = site.context.channels[static_cast<std::size_t>(lane.channel)];
    if (channel.filter.kind == signal::FilterKind::copy) {
      copies_.push_back(lane);
      continue;
    }
    places.push_back({static_cast<int>(filtered_.size()), lane.source});
    filtered_.push_back({lane, signal::FilterState(channel.filter, site.context.rate_hz)});
  }
  if (filtered_.empty()) return;
  d_.resize(filtered_.size() * kBlock);
  if (!fault.additive) return;
  Site on_zeros = site;
  on_zeros.lanes = places;
  adder_ = fault.make(on_zeros);
  if (!fault.has_past) return;
  std::int64_t longest = 0;
  for (const Filtered& derived : filtered_) {
    longest = std::max(longest, derived.filter.settling());
  }
  for (std::int64_t t = site.begin - longest; t < site.begin; t += kBlock) {
    run_up(added(t, static_cast<int>(std::min<std::int64_t>(site.begin - t, kBlock))), site.begin);
  }
}

// Lets the filters see what was there before the segment, each as much as it needs to settle.
void DerivedChannels::run_up(const Frames& d, std::int64_t begin) {
  for (std::size_t f = 0; f < filtered_.size(); ++f) {
    Filtered& derived = filtered_[f];
    const std::int64_t from = std::max(begin - derived.filter.settling(), d.first);
    for (std::int64_t t = from; t < d.end(); ++t) {
      derived.filter.step(d.at(static_cast<int>(f), t));
    }
    derived.started = true;
  }
}

void DerivedChannels::change(const Frames& clean, const Frames& frames) {
  for (const Lane& lane : copies_) {
    const auto x = frames.channel(lane.channel);
    const auto y = frames.channel(lane.source), before = clean.channel(lane.source);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i] - before[i];
  }
  if (filtered_.empty()) return;
  if (adder_ != nullptr) added(frames.first, frames.count);
  for (std::size_t f = 0; f < filtered_.size(); ++f) {
    Filtered& derived = filtered_[f];
    const auto y = frames.channel(derived.lane.source);
    const auto d = std::span(d_).subspan(f * kBlock, y.size());
    if (adder_ == nullptr) {
      std::ranges::transform(y, clean.channel(derived.lane.source), d.begin(), std::minus<>());
    }
    change(derived, d, y, frames.channel(derived.lane.channel));
  }
}

void DerivedChannels::change(Filtered& derived, std::span<const float> d, std::span<const float> y,
                             std::span<float> x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (d[i] == d[i]) {
      derived.last = d[i];
      if (!derived.started) derived.filter.settle(derived.last);
      derived.started = true;
    }
    const double change = derived.filter.step(derived.last);
    if (y[i] != y[i]) {
      if (x[i] == x[i]) x[i] = y[i];
    } else if (change != 0) {
      x[i] = static_cast<float>(x[i] + change);
    }
  }
}

// What the fault adds to zeros.
Frames DerivedChannels::added(std::int64_t first, int count) {
  const Frames d{first, count, d_.data(), kBlock};
  std::ranges::fill(d_, 0.0F);
  adder_->apply(d, d);
  return d;
}

}  // namespace edgeproof::faults
