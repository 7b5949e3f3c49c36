#include "targets/host_latency.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "core/error.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/workspace.h"
#include "targets/quiet_rounds.h"

namespace edgeproof::targets {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps the calling thread on the core it is on.
class Pinned {
 public:
  Pinned() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    sched_setaffinity(0, sizeof here, &here);
  }
  ~Pinned() { sched_setaffinity(0, sizeof before_, &before_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  cpu_set_t before_{};
};

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// Times run() on each piece of so many values, in turn.
template <typename Run>
Subject subject(std::span<const float> values, std::size_t size, Run run) {
  const std::size_t count = values.size() / size;
  if (count == 0) fail(ErrorCode::bad_input, "latency: there is no window to run");
  return [values, size, count, run, next = std::size_t{0}](int runs) mutable {
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(runs));
    for (int i = -runs / 10; i < runs; ++i) {
      const auto piece = values.subspan(next++ % count * size, size);
      const auto begin = Clock::now();
      run(piece);
      const std::chrono::duration<double, std::micro> time = Clock::now() - begin;
      if (i >= 0) times.push_back(time.count());
    }
    return times;
  };
}

HostLatency latency_of(const RoundsOfSubject& timed) {
  std::vector<double> times, medians;
  for (const Round& round : timed.rounds) {
    std::vector<double> sorted = round.times;
    std::sort(sorted.begin(), sorted.end());
    medians.push_back(quantile(sorted, 0.5));
    times.insert(times.end(), sorted.begin(), sorted.end());
  }
  std::sort(times.begin(), times.end());
  std::sort(medians.begin(), medians.end());
  const double median = quantile(medians, 0.5);
  return {.median_us = median,
          .p99_us = quantile(times, 0.99),
          .runs = static_cast<int>(times.size()),
          .best_us = times.front(),
          .spread = (quantile(times, 0.75) - quantile(times, 0.25)) / median,
          .disturbed = timed.disturbed};
}

std::vector<HostLatency> measure(std::span<const Subject> subjects, int runs) {
  std::optional<Pinned> pinned(std::in_place);
  Machine machine = this_machine();
  machine.settle = [&, wait = machine.settle] {
    pinned.reset();  // the scheduler knows which core is idle
    wait();
    pinned.emplace();
  };
  std::vector<HostLatency> latencies;
  for (const RoundsOfSubject& timed : time_in_rounds(subjects, runs, machine)) {
    latencies.push_back(latency_of(timed));
  }
  return latencies;
}

}  // namespace

std::vector<HostLatency> measure_host_latencies(std::span<const runtime::Plan> plans,
                                                std::span<const float> windows, int runs) {
  std::vector<Subject> subjects;
  for (const runtime::Plan& plan : plans) {
    const auto workspace = std::make_shared<runtime::Workspace>(plan, false);
    subjects.push_back(subject(windows, plan.input_size(),
                               [&plan, workspace, logits = std::vector<float>(plan.output_size())](
                                   std::span<const float> window) mutable {
                                 runtime::run(plan, *workspace, window, logits);
                               }));
  }
  return measure(subjects, runs);
}

HostLatency measure_host_latency(const runtime::Plan& plan, std::span<const float> windows,
                                 int runs) {
  return measure_host_latencies({&plan, 1}, windows, runs).front();
}

HostLatency measure_hop_latency(const runtime::StreamPlan& plan, std::span<const float> samples,
                                int runs) {
  runtime::Stream stream(plan);
  std::vector<float> logits(plan.output_size());
  stream.start(std::vector<float>(plan.window_size()), logits);
  const Subject hops = subject(samples, plan.hop_size(),
                               [&](std::span<const float> hop) { stream.advance(hop, logits); });
  return measure({&hops, 1}, runs).front();
}

std::vector<double> measure_layer_latencies(const runtime::Plan& plan,
                                            std::span<const float> window, int runs) {
  const Pinned pinned;
  runtime::Workspace workspace(plan, false);
  std::vector<std::vector<double>> times(plan.shapes().size());
  const int warm_up = runs / 10;
  for (int i = -warm_up; i < runs; ++i) {
    auto begin = Clock::now();
    for (std::size_t node = 0; node < times.size(); ++node) {
      runtime::run_nodes(plan, workspace, static_cast<int>(node), static_cast<int>(node) + 1,
                         window);
      const auto end = Clock::now();
      if (i >= 0)
        times[node].push_back(std::chrono::duration<double, std::micro>(end - begin).count());
      begin = end;
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& of_node : times) {
    std::sort(of_node.begin(), of_node.end());
    medians.push_back(quantile(of_node, 0.5));
  }
  return medians;
}

double measure_peak_gmacs(const runtime::Plan& plan) {
  const runtime::Kernels& kernels = runtime::find_kernels(plan.isa());
  const auto peak = plan.is_int8() ? kernels.peak_int8 : kernels.peak_float;
  if (peak == nullptr) return 0;
  const Pinned pinned;
  double best = 0;
  for (int repetition = 0; repetition < 200; ++repetition) {
    const auto begin = Clock::now();
    const std::int64_t macs = peak(5000);
    const std::chrono::duration<double, std::nano> time = Clock::now() - begin;
    best = std::max(best, static_cast<double>(macs) / time.count());
  }
  return best;
}

}  // namespace edgeproof::targets
