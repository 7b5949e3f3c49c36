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
  EXPECT_GE(latency.runs, 500);  // rounds that were disturbed do not count
  EXPECT_LE(latency.runs, 1000);
  EXPECT_GT(latency.median_us, 0);
  EXPECT_GE(latency.p99_us, latency.median_us);
}

TEST(HostLatency, TimesSeveralPlansInTheirOrder) {
  const std::vector<runtime::Plan> plans = {
      runtime::Plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1)),
      runtime::Plan(graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 2), {.isa = "scalar"})};
  const std::vector<float> windows(3 * plans[0].input_size(), 0.5F);
  const std::vector<HostLatency> latencies = measure_host_latencies(plans, windows, 1000);
  ASSERT_EQ(latencies.size(), 2U);
  if (plans[0].isa() != "scalar") {
    EXPECT_LT(latencies[0].best_us, latencies[1].best_us);
  }
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
