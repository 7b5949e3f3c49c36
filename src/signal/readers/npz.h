#pragma once

// Recordings from NumPy's .npz files (numpy.savez, numpy.savez_compressed).
//
//   x       [N, L, C]: windows that are already cut, or [T, C]: one stream; numbers, NaN is missing
//   y       [N] or [T]: labels, integers or strings; an empty string is none
//   groups  [N] or [T], optional: who or what was recorded; in a stream, a change begins a
//   recording
//
// With channels_first, x is [N, C, L] or [C, T]. Without groups, all is one group.

#include <filesystem>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/names.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct NpzOptions {
  std::filesystem::path path = {};
  double rate_hz = 0;
  std::string samples_array = "x";
  std::string labels_array = "y";
  std::string groups_array = {};              // if empty: "groups", if there is one
  std::vector<ChannelOptions> channels = {};  // if empty: ch0, ch1, ...
  std::vector<TriadOptions> triads = {};
  bool channels_first = false;
  std::uint64_t max_bytes = std::uint64_t{1} << 31;  // of one array
};

// Errors name the file and the array.
RecordingSet read_npz(const NpzOptions& options);

// Its entry in registry.cpp.
Source npz_source();

}  // namespace edgeproof::signal
