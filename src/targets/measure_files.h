#pragma once

#include <map>
#include <string>

namespace edgeproof::targets {

// The files of measure/ by name, which are part of the program.
const std::map<std::string, std::string>& measure_files();

}  // namespace edgeproof::targets
