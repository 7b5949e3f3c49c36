#pragma once

// What `edgeproof bench` measures of a model on this machine.

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/host_latency.h"

namespace edgeproof::cli {

inline double gmacs_per_s(std::int64_t macs, double us) {
  return static_cast<double>(macs) / us / 1000;
}

struct LayerSpeed {
  std::string name;
  std::string op;
  std::int64_t macs = 0;
  double us = 0;  // median, timed alone

  double gmacs() const { return gmacs_per_s(macs, us); }
};

// Overlapping windows.
struct HopSpeed {
  std::int64_t macs = 0;
  std::size_t state_bytes = 0;
  targets::HostLatency latency;
};

struct Speed {
  std::string name, type, isa;
  targets::HostLatency latency;
  std::int64_t macs = 0, weight_bytes = 0;
  std::size_t arena_bytes = 0;
  double peak_gmacs = 0;  // of this core with the same instructions; 0: not known
  int threads = 1;
  double windows_per_s = 0;  // of all threads
  std::vector<LayerSpeed> layers;
  std::optional<HopSpeed> hop;

  double gmacs() const { return gmacs_per_s(macs, latency.median_us); }
  std::string share_of_peak() const {
    return peak_gmacs > 0 ? fmt::format("{:.1f}", 100 * gmacs() / peak_gmacs) : "-";
  }
};

}  // namespace edgeproof::cli
