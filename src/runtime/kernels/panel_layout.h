#pragma once

// The order of output channels in packed weights and parameters (layers.h). Internal to packing.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/aligned.h"

namespace edgeproof::runtime {

inline std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Where channels go: to panels of `lanes`, in tiles of `most` panels, then of half as many, until
// none are left; or, if filled up, in tiles of `most` alone. Within a tile four channels go to each
// of its panels in turn: what joins the panels' 32-bit lanes to bytes does so within each 128 bits,
// and so brings channels back into order. Of 20 channels, by slots from left to right:
//
//   lanes 8, most 2   panel 0: 0 1 2 3  8  9 10 11 | panel 1: 4 5 6 7 12 13 14 15   a tile of two
//                     panel 2: 16 17 18 19 - - - -                                  a tile of one
//   lanes 4, most 2   panel 0: 0 1 2 3 | panel 1: 4 5 6 7                           a tile of two
//                     panel 2: 8 9 10 11 | panel 3: 12 13 14 15                     a tile of two
//                     panel 4: 16 17 18 19                                          a tile of one
//
// For instance channel 9 of the first: 9 / 4 = 2, so that it is in the third four of its tile, the
// second four (9 / 8 = 1) of panel 2 % 2 = 0; 9 % 4 = 1: slot 0 * 8 + 1 * 4 + 1 = 5. In panels of
// four lanes every slot is its channel.
struct Layout {
  std::size_t channels, lanes, most;
  bool filled_up = false;

  std::size_t slots() const { return round_up(channels, filled_up ? lanes * most : lanes); }
  std::size_t panels() const { return slots() / lanes; }
  std::size_t slot(std::size_t channel) const {
    std::size_t first = 0, tile = lanes * most;
    for (;; tile /= 2) {
      const std::size_t end = first + (slots() - first) / tile * tile;
      if (channel < end) break;
      first = end;
    }
    first += (channel - first) / tile * tile;
    const std::size_t within = channel - first, panels = tile / lanes;
    const std::size_t panel = within / 4 % panels, four = within / (4 * panels);
    return first + panel * lanes + four * 4 + within % 4;
  }
};

// Source is [channels][taps]; the result is [panel][taps / group][lane][group], zero-filled.
template <typename To, typename From>
AlignedVector<To> to_panels(const std::vector<From>& values, const Layout& layout,
                            std::size_t group = 1) {
  const std::size_t taps = values.size() / layout.channels;
  const std::size_t rows = round_up(taps, group);
  AlignedVector<To> panels(layout.slots() * rows, To{0});
  for (std::size_t channel = 0; channel < layout.channels; ++channel) {
    const std::size_t slot = layout.slot(channel);
    To* panel = panels.data() + slot / layout.lanes * layout.lanes * rows;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      panel[(tap / group * layout.lanes + slot % layout.lanes) * group + tap % group] =
          values[channel * taps + tap];
    }
  }
  return panels;
}

// The sums of what is in the same slots.
inline AlignedVector<std::int32_t> add(AlignedVector<std::int32_t> values,
                                       const AlignedVector<std::int32_t>& others) {
  for (std::size_t slot = 0; slot < values.size(); ++slot) values[slot] += others[slot];
  return values;
}

}  // namespace edgeproof::runtime
