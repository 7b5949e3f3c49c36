#pragma once

// One array in NumPy's .npy format, versions 1 to 3 (NEP 1; numpy.lib.format): a header of text,
// then the elements. Read are little-endian arrays in C order of booleans, integers, floats of 16
// to 64 bits, and byte or Unicode strings; all else is refused with a word on how to save it
// instead.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

struct NpyArray {
  std::string place;  // for messages
  char kind = 'f';    // NumPy's: b, i, u, f, S, U
  int item_bytes = 0;
  std::vector<std::int64_t> shape;
  std::int64_t count = 0;  // product of the shape
  std::string bytes;       // the whole file
  std::size_t data = 0;    // where in it the elements begin
};

// These read the first bytes of a file: the one says how many bytes the header takes and needs 10
// of them, the other reads the header, which must be whole, without elements. Errors as below.
std::size_t npy_header_bytes(std::string_view bytes, const std::string& place);
NpyArray parse_npy_header(std::string_view bytes, const std::string& place);

// Error bad_input (unsupported for what is well-formed but not read) that begins with `place`.
NpyArray parse_npy(std::string bytes, std::string place);

// The elements as numbers: NaN is kept, infinity is an error.
std::vector<float> npy_floats(const NpyArray& array);

// The elements as names: integers in decimal, strings without their padding. Floats are an error.
std::vector<std::string> npy_names(const NpyArray& array);

}  // namespace edgeproof::signal
