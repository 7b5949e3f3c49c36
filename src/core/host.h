#pragma once

// What this process is and where it runs, for records of what was measured.

#include <string>

namespace edgeproof {

std::string host_name();
// The name in /proc/cpuinfo, "unknown processor" if there is none.
std::string processor_name();
int process_id();
double unix_seconds();  // since 1970

}  // namespace edgeproof
