// Test: wfdb_test.cpp.

#include "signal/readers/wfdb_signals.h"

#include <cassert>

namespace edgeproof::signal {
namespace {

std::int16_t sign_extend_12(unsigned value) {
  return static_cast<std::int16_t>(static_cast<int>(value ^ 0x800U) - 0x800);
}

}  // namespace

std::int64_t wfdb_sample_count(std::int64_t bytes, int format) {
  if (format == 16) return bytes / 2;
  if (format == 80) return bytes;
  return bytes / 3 * 2 + (bytes % 3 == 2 ? 1 : 0);  // the last of an odd number has two bytes
}

std::vector<std::int16_t> decode_wfdb(std::string_view bytes, int format, std::int64_t count) {
  assert(count <= wfdb_sample_count(static_cast<std::int64_t>(bytes.size()), format));
  const auto byte = [&](std::int64_t at) {
    return unsigned{static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)])};
  };
  std::vector<std::int16_t> values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::int16_t& value = values[static_cast<std::size_t>(i)];
    if (format == 16) {
      value = static_cast<std::int16_t>(byte(2 * i) | byte(2 * i + 1) << 8);
    } else if (format == 80) {
      value = static_cast<std::int16_t>(static_cast<int>(byte(i)) - 128);
    } else {
      const std::int64_t triple = i / 2 * 3;
      const unsigned high = byte(triple + 1);
      value = i % 2 == 0 ? sign_extend_12(byte(triple) | (high & 0x0FU) << 8)
                         : sign_extend_12(byte(triple + 2) | (high & 0xF0U) << 4);
    }
  }
  return values;
}

std::int16_t wfdb_missing(int format) {
  return format == 16 ? -32768 : format == 80 ? -128 : -2048;
}

}  // namespace edgeproof::signal
