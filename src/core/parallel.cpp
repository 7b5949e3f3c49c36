#include "core/parallel.h"

#include <sched.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace edgeproof {

void parallel_for(int count, int threads, const std::function<void(int)>& body) {
  if (threads <= 1) {
    for (int i = 0; i < count; ++i) body(i);
    return;
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(threads);
  arena.execute([&] { tbb::parallel_for(0, count, body, tbb::simple_partitioner{}); });
}

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

}  // namespace edgeproof
