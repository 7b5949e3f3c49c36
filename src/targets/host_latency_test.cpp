#include "targets/host_latency.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "core/error.h"
#include "graph/graph_test_util.h"
#include "graph/zoo.h"

namespace edgeproof::targets {
namespace {

TEST(HostLatency, OrdersItsQuantilesAndGivesTheCoresBack) {
  const runtime::Plan plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1));
  const std::vector<float> windows(3 * plan.input_size(), 0.5F);
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof before, &before);
  const HostLatency latency = measure_host_latency(plan, windows, 1000);
  sched_getaffinity(0, sizeof after, &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
  EXPECT_EQ(latency.runs, 1000);
  EXPECT_GT(latency.median_us, 0);
  EXPECT_GE(latency.p99_us, latency.median_us);
}

TEST(HostLatency, NeedsAWindow) {
  const runtime::Plan plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1));
  EXPECT_THROW(measure_host_latency(plan, {}, 1000), Error);
}

}  // namespace
}  // namespace edgeproof::targets
