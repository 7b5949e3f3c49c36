#pragma once

// What variables a MATLAB version 5 file has (MATLAB's "MAT-File Format", level 5), from their
// headers alone.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

struct MatElement {
  std::string_view bytes;  // the whole data element, its tag included
  bool compressed = false;
  std::uint32_t bytes_inside = 0;  // of the array, once decompressed, without its tag
  std::string name;
  int array_class = 0;  // mxDOUBLE_CLASS is 6; 0 for what is no array
  bool complex = false;
  std::vector<std::int64_t> shape;
  std::int64_t values = 0;  // of an array of numbers, as many as its data has room for
};

// The file must have its 128 bytes of header. Error bad_input, which begins with `place`, for
// elements that do not fit in the file or whose headers contradict themselves.
std::vector<MatElement> scan_mat5(std::string_view file, const std::string& place);

// The element as it is without compression. Error bad_input if the compressed bytes are damaged.
std::string decompress(const MatElement& element, const std::string& place);

}  // namespace edgeproof::signal
