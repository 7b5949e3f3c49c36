#include "signal/readers/mat_file.h"

#include "core/plugin.h"

namespace edgeproof::signal {

std::vector<std::vector<float>> read_mat_vectors(const std::string& bytes, const std::string& place,
                                                 std::span<const std::string> names) {
  const auto& reader = plugin_table<MatlabReader>(
      {.name = "matlab",
       .purpose = "reading MATLAB files",
       .packages = "libmatio with HDF5 (libmatio11 or libmatio13, libmatio-dev)"});
  return reader.read_vectors(bytes, place, names);
}

}  // namespace edgeproof::signal
