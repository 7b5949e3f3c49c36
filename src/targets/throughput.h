#pragma once

// How many windows a second a plan evaluates on several threads.

#include <span>

#include "runtime/plan.h"

namespace edgeproof::targets {

// Windows a second: the best of five evaluations (runtime/evaluate.h) of about a tenth of a second
// each, which take `windows`, [count, length, channels], normalized, again and again. `window_us`
// is what one window takes one thread, as measure_host_latency() finds it; it only decides how
// often the windows are repeated. Error bad_input without windows.
double measure_throughput(const runtime::Plan& plan, std::span<const float> windows, int threads,
                          double window_us);

}  // namespace edgeproof::targets
