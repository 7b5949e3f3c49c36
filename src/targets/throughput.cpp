// Test: throughput_test.cpp.

#include "targets/throughput.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/error.h"
#include "runtime/evaluate.h"

namespace edgeproof::targets {

double measure_throughput(const runtime::Plan& plan, std::span<const float> windows, int threads,
                          double window_us) {
  const auto count = static_cast<int>(windows.size() / plan.input_size());
  if (count == 0) fail(ErrorCode::bad_input, "throughput: there is no window to run");
  const int repeats = std::clamp(static_cast<int>(1e5 * threads / window_us / count), 1, 64);
  std::vector<float> many;
  for (int i = 0; i < repeats; ++i) many.insert(many.end(), windows.begin(), windows.end());
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    runtime::evaluate(plan, many, count * repeats, threads);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    best = std::max(best, count * repeats / time.count());
  }
  return best;
}

}  // namespace edgeproof::targets
