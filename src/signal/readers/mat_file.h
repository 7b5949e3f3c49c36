#pragma once

// Vectors of real numbers out of one MATLAB file in memory, version 5 (also 6 and 7, compressed) or
// 7.3 (HDF5), by libmatio.

#include <span>
#include <string>
#include <vector>

namespace edgeproof::signal {

// For each of `names` the variable that is called so or, if there is none, the only one whose name
// ends so. NaN is kept; infinity is an error, and so are matrices, complex or sparse numbers,
// structs, cells and text. Error bad_input (unsupported for other versions) begins with `place`.
//
// libmatio sees of a version 5 file the wanted variables alone, and these only once their headers
// are found sound. A 7.3 file goes to the HDF5 library as it is: take one from a source
// that you trust as you would a program's. Calls from several threads wait for each other.
std::vector<std::vector<float>> read_mat_vectors(const std::string& bytes, const std::string& place,
                                                 std::span<const std::string> names);

// What the plug-in `matlab` (core/plugin.h) hands over.
struct MatlabReader {
  decltype(&read_mat_vectors) read_vectors;
};

}  // namespace edgeproof::signal
