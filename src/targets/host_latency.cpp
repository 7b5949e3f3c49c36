#include "targets/host_latency.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/error.h"
#include "runtime/workspace.h"

namespace edgeproof::targets {
namespace {

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
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

HostLatency measure_host_latency(const runtime::Plan& plan, std::span<const float> windows,
                                 int runs) {
  using Clock = std::chrono::steady_clock;
  const size_t count = windows.size() / plan.input_size();
  if (count == 0) fail(ErrorCode::bad_input, "latency: there is no window to run");
  const Pinned pinned;
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  std::vector<double> times;
  times.reserve(static_cast<size_t>(runs));
  const int warm_up = runs / 10;
  for (int i = -warm_up; i < runs; ++i) {
    const auto number = static_cast<size_t>(i + warm_up) % count;
    const auto window = windows.subspan(number * plan.input_size(), plan.input_size());
    const auto begin = Clock::now();
    runtime::run(plan, workspace, window, logits);
    const std::chrono::duration<double, std::micro> time = Clock::now() - begin;
    if (i >= 0) times.push_back(time.count());
  }
  std::sort(times.begin(), times.end());
  return {quantile(times, 0.5), quantile(times, 0.99), runs};
}

}  // namespace edgeproof::targets
