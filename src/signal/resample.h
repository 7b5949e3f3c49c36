#pragma once

// Recordings at another rate, low-passed below the lower of the two Nyquist frequencies (libsoxr's
// high quality: a linear-phase filter without delay that passes 0.91 of that band and is down by
// some 120 dB beyond it).
//
// Output sample j lies at the time j / to_hz; there are round(length * to_hz / from_hz). A gap of
// missing samples is bridged by a line for the filter, and the output samples nearest to it are
// missing again. Labels are those of the nearest input sample; events move to the nearest output
// sample. Everything is a pure function.

#include <span>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

// Brings all recordings to another rate. Errors: bad_config for a rate that is not positive or more
// than 1000 times another, or a recording that would be left without samples; unsupported for a
// data set that comes cut into windows.
RecordingSet resample(RecordingSet set, double to_hz);

// One channel.
std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz);

}  // namespace edgeproof::signal
