#include "signal/readers/mat_file.h"

#include "core/plugin.h"

namespace edgeproof::signal {

std::vector<std::vector<float>> read_mat_vectors(const std::string& bytes, const std::string& place,
                                                 std::span<const std::string> names) {
  const void* plugin = load_plugin({.name = "matlab",
                                    .purpose = "reading MATLAB files",
                                    .packages = "libmatio with HDF5 (libmatio11 or libmatio13, "
                                                "libmatio-dev)"});
  return static_cast<const MatlabReader*>(plugin)->read_vectors(bytes, place, names);
}

}  // namespace edgeproof::signal
