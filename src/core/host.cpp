#include "core/host.h"

#include <unistd.h>

#include <array>
#include <chrono>

namespace edgeproof {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

int process_id() {
  return getpid();
}

double unix_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace edgeproof
