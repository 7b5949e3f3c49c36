#pragma once

// The vibration of a motor's drive-end bearing, sound or with one local defect: a data set made
// from a model of the machine, in the manner of the CWRU test rig, for work without recorded data,
// and for tests.
//
// 12 kHz, one channel (acceleration, g). Ten classes: normal, and a spall of 0.007, 0.014 or 0.021
// inch on the inner race, the outer race or a ball. Loads of 0 to 3 hp are the groups "load0" to
// "load3", at 1797, 1772, 1750 and 1730 rpm. The bearing is an SKF 6205-2RS JEM: per turn of the
// shaft, 5.4152 passes over an inner spall, 3.5848 over an outer one, 2 x 2.3567 contacts of a
// ball's spall; the cage turns 0.39828.
//
//   x = shaft harmonics + gear mesh + floor + sum over modes m: h_m * (contacts + floor)
//
// h_m: a damped oscillation. Every contact is an entry and an exit, as far apart as the spall is
// wide. `recordings` independent ones for each class and load; machines, mountings and defects
// differ a little between them. A pure function of the options, to the last bit for one libm.

#include <cstdint>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct BearingOptions {
  int recordings = 10;    // for each class and load
  double seconds = 1.15;  // of each recording
  std::uint64_t seed = 1;
};

// Error bad_config if an option is out of its range, or if the result would not fit 1 GiB.
RecordingSet generate_bearing(const BearingOptions& options = {});

// Its entry in readers/registry.cpp.
Source bearing_source();

}  // namespace edgeproof::signal
