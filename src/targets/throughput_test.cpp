#include "targets/throughput.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "targets/host_latency.h"

namespace edgeproof::targets {
namespace {

class ThroughputTest : public testing::Test {
 protected:
  runtime::Plan plan_{graph::with_random_parameters(graph::cnn({{32, 3}, 4}), 1)};
};

// With wide bounds, for a machine that does other things in the meantime.
TEST_F(ThroughputTest, OfOneThreadIsAboutOneOverTheLatency) {
  const std::vector<float> windows(8 * plan_.input_size(), 0.5F);
  const HostLatency latency = measure_host_latency(plan_, windows, 1000);
  const double throughput = measure_throughput(plan_, windows, 1, latency.median_us);
  EXPECT_GT(throughput, 1e6 / latency.median_us / 20);
  EXPECT_LT(throughput, 1e6 / latency.best_us * 20);
}

TEST_F(ThroughputTest, CountsAllWindowsHoweverOftenTheyAreRepeated) {
  const std::vector<float> windows(256 * plan_.input_size(), 0.5F);
  const double once = measure_throughput(plan_, windows, 1, 1e9);
  const double often = measure_throughput(plan_, windows, 1, 100);
  EXPECT_GT(once, often / 20);
  EXPECT_LT(once, often * 20);
}

TEST_F(ThroughputTest, NeedsAWholeWindow) {
  EXPECT_THROW(measure_throughput(plan_, {}, 1, 10), Error);
  EXPECT_THROW(measure_throughput(plan_, std::vector<float>(plan_.input_size() - 1), 1, 10), Error);
}

}  // namespace
}  // namespace edgeproof::targets
