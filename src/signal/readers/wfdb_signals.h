#pragma once

// The samples of a WFDB signal file (WFDB Applications Guide, signal(5)): all signals of the file
// in turn, sample by sample.
//
//   212  two 12-bit two's complement numbers in three bytes; -2048 is missing
//   16   16-bit two's complement, low byte first; -32768 is missing
//   80   8-bit offset binary, the value is the byte less 128; -128 is missing

#include <cstdint>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

// How many whole samples `bytes` bytes hold.
std::int64_t wfdb_sample_count(std::int64_t bytes, int format);

// The first `count` stored values; there must be as many.
std::vector<std::int16_t> decode_wfdb(std::string_view bytes, int format, std::int64_t count);

// The stored value that stands for a missing sample.
std::int16_t wfdb_missing(int format);

}  // namespace edgeproof::signal
