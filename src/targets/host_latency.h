#pragma once

// Latency of a plan on this machine: one window at a time, one thread, pinned to one core, in
// rounds of which those that the machine disturbed are repeated (quiet_rounds.h).

#include <span>
#include <vector>

#include "runtime/plan.h"
#include "runtime/stream.h"

namespace edgeproof::targets {

struct HostLatency {
  double median_us = 0;  // of the medians of rounds
  double p99_us = 0;     // of all runs
  int runs = 0;          // of the rounds that count
  double best_us = 0;
  double spread = 0;       // interquartile range / median
  bool disturbed = false;  // the machine was busy: the times may be too long
};

// `windows` is [count, length, channels], normalized; they are taken in turn. A tenth of `runs` is
// run besides, to warm up before each round. The thread's affinity is restored afterwards. Times
// from FP32 window in memory to FP32 logits, input quantization included. Error bad_input without
// windows.
HostLatency measure_host_latency(const runtime::Plan& plan, std::span<const float> windows,
                                 int runs);

// The same of several plans that take the same windows, `runs` each: their rounds take turns.
std::vector<HostLatency> measure_host_latencies(std::span<const runtime::Plan> plans,
                                                std::span<const float> windows, int runs);

// The same of a hop: from FP32 samples in memory, [count, hop, channels], to FP32 logits.
HostLatency measure_hop_latency(const runtime::StreamPlan& plan, std::span<const float> samples,
                                int runs);

// Median microseconds of each node, run one at a time; the clock's own time, some 25 ns, is in
// each.
std::vector<double> measure_layer_latencies(const runtime::Plan& plan,
                                            std::span<const float> window, int runs);

// Billions of multiply-accumulates a second that this core does on registers alone with the plan's
// type and instruction set: the best of many short stretches. 0 for "scalar".
double measure_peak_gmacs(const runtime::Plan& plan);

}  // namespace edgeproof::targets
