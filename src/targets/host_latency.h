#pragma once

// Latency of a plan on this machine: one window at a time, one thread, pinned to one core.

#include <span>

#include "runtime/plan.h"

namespace edgeproof::targets {

struct HostLatency {
  double median_us = 0;
  double p99_us = 0;
  int runs = 0;
};

// `windows` is [count, length, channels], normalized; they are taken in turn. A tenth of `runs` is
// run before to warm up. The thread's affinity is restored afterwards. Times from FP32 window in
// memory to FP32 logits, input quantization included. Error bad_input without windows.
HostLatency measure_host_latency(const runtime::Plan& plan, std::span<const float> windows,
                                 int runs);

}  // namespace edgeproof::targets
