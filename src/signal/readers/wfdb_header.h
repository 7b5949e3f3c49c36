#pragma once

// The header file of a WFDB record (.hea; WFDB Applications Guide, header(5)): a record line, then
// a line for each signal. A physical value is (stored - baseline) / gain.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

struct WfdbSignal {
  std::string file;               // a name without folders, beside the header
  int format = 0;                 // 212, 16 or 80
  std::int64_t bytes_before = 0;  // in the file, before the first sample
  double gain = 200;              // stored units per physical unit
  int baseline = 0;               // the stored value of 0 physical units
  std::string unit = "mV";
  std::optional<int> first;           // the first stored value
  std::optional<long long> checksum;  // of all stored values, modulo 65536
  std::string name;                   // the description
};

struct WfdbHeader {
  double rate_hz = 250;
  std::int64_t length = 0;  // samples of each signal; 0: as many as there are
  std::vector<WfdbSignal> signals;
};

// Errors, which begin with `place`, name the line. Unsupported are records of several segments,
// signals with several samples a frame or a skew, and other formats.
WfdbHeader parse_wfdb_header(std::string_view text, const std::string& place);

}  // namespace edgeproof::signal
