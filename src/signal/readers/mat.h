#pragma once

// Recordings from MATLAB files (version 5 to 7.3): each file is a recording, each channel one of
// its variables, a vector of real numbers. NaN is a missing sample.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/names.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct MatFileOptions {
  std::string file = {};   // its name in the folder or archive
  std::string label = {};  // of all its samples; if empty, none
  std::string group = {};  // if empty, the file's name
};

struct MatOptions {
  std::filesystem::path path = {};  // a folder, or a tar or zip archive
  std::vector<MatFileOptions> files = {};
  // A channel's name is a variable's, or the end of one: DE_time is X105_DE_time.
  std::vector<ChannelOptions> channels = {};
  std::vector<TriadOptions> triads = {};
  double rate_hz = 0;
  std::uint64_t max_file_bytes = std::uint64_t{1} << 30;
};

// Errors name the file and the variable: none or several that match, vectors of unequal lengths,
// what is no vector of real numbers.
RecordingSet read_mat(const MatOptions& options);

// Its entry in registry.cpp.
Source mat_source();

}  // namespace edgeproof::signal
