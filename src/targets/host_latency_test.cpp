#include "targets/host_latency.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "core/error.h"
#include "graph/graph_testing.h"
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

TEST(HostLatency, TimesEveryNode) {
  const runtime::Plan plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1));
  const std::vector<float> window(plan.input_size(), 0.5F);
  const std::vector<double> times = measure_layer_latencies(plan, window, 200);
  ASSERT_EQ(times.size(), plan.shapes().size());
  for (const double time : times) EXPECT_GT(time, 0);
}

TEST(Peak, IsKnownForAllButTheReference) {
  const graph::Graph graph = graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1);
  EXPECT_EQ(measure_peak_gmacs(runtime::Plan(graph, {.isa = "scalar"})), 0);
  const runtime::Plan plan(graph);
  if (plan.isa() != "scalar") {
    EXPECT_GT(measure_peak_gmacs(plan), 0.1);
  }
}

TEST(HostLatency, NeedsAWindow) {
  const runtime::Plan plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1));
  EXPECT_THROW(measure_host_latency(plan, {}, 1000), Error);
}

}  // namespace
}  // namespace edgeproof::targets
