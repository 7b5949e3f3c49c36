#pragma once

// What a fault does to channels that a device computes from those that it acts on.
//
// With d = y - x what the fault changed in the physical channel, a derived one changes by D(d), D
// being its declared filter (signal/filter.h). For `copy` that is d itself. The other filters
// remember what was before the segment: d[0] for ever, or for faults with a past
// (Definition::has_past) the fault's own samples before the segment, as many as the filter needs to
// settle. So a constant bias changes nothing in a channel that is high-passed, to the last bit, and
// a drift begins at rest.
//
// Of additive faults d is what they add, whatever the samples are; of others it is the difference
// of y and x in single precision, and where a sample is missing the last one before. Where the
// physical sample is missing the derived one is missing too.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "faults/fault.h"
#include "signal/filter.h"

namespace edgeproof::faults {

class DerivedChannels {
 public:
  // `lanes` are derived channels that the fault does not act on itself; `site` is that of the
  // fault, whose other members they share. Error bad_config for a filter that cannot run at the
  // data set's rate.
  DerivedChannels(const Definition& fault, const Site& site, std::span<const Lane> lanes);

  // Whether change() looks at what was there before.
  bool needs_clean() const { return !copies_.empty() || (!filtered_.empty() && adder_ == nullptr); }

  // Changes the derived channels of `frames`, consecutive runs of the segment of at most kBlock
  // frames whose physical channels are faulty already; `clean` holds what they were.
  void change(const Frames& clean, const Frames& frames);

 private:
  struct Filtered {
    Lane lane;
    signal::FilterState filter;
    double last = 0;       // d
    bool started = false;  // whether there has been a d
  };

  void run_up(const Frames& d, std::int64_t begin);
  static void change(Filtered& derived, std::span<const float> d, std::span<const float> y,
                     std::span<float> x);
  Frames added(std::int64_t first, int count);

  std::vector<Lane> copies_;
  std::vector<Filtered> filtered_;
  std::unique_ptr<Operator> adder_;  // of an additive fault: it makes d from zeros
  std::vector<float> d_;             // planar, one block for each of filtered_
};

}  // namespace edgeproof::faults
