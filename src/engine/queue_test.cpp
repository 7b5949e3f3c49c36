#include "engine/queue.h"

#include <gtest/gtest.h>

namespace edgeproof::engine {
namespace {

Task task(const std::string& key, store::JobKind kind, std::vector<std::string> needs,
          double cost = 1) {
  return {{store::Job{{kind, key, 1}, key, std::move(needs), cost}}};
}

TEST(Queue, TakesTheLongestChainFirstAndNothingBeforeWhatItNeeds) {
  Queue queue({task("short", store::JobKind::training, {}, 5),
               task("long", store::JobKind::training, {}, 4),
               task("after", store::JobKind::training, {"long"}, 3),
               task("both", store::JobKind::evaluation, {"short", "after", "stored"})});
  EXPECT_EQ(queue.take(), 1U);
  EXPECT_EQ(queue.take(), 0U);
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.finish(0);
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.finish(1);
  EXPECT_EQ(queue.take(), 2U);
  queue.finish(2);
  EXPECT_EQ(queue.take(), 3U);
  EXPECT_FALSE(queue.is_done());
  queue.finish(3);
  EXPECT_TRUE(queue.is_done());
}

TEST(Queue, IsSimulatedOnSoManyWorkers) {
  const std::vector<Task> tasks{task("a", store::JobKind::training, {}, 4),
                                task("b", store::JobKind::training, {}, 2),
                                task("c", store::JobKind::training, {}, 2),
                                task("d", store::JobKind::deployment, {"a", "b", "c"})};
  const auto seconds = [](const Task& t) {
    return t.kind() == store::JobKind::training ? t.jobs.front().cost : 1.0;
  };
  const Simulated one = simulate(tasks, 1, seconds), two = simulate(tasks, 2, seconds);
  EXPECT_EQ(one.seconds, 9);
  EXPECT_EQ(one.busy, 1);
  EXPECT_EQ(two.seconds, 5);
  EXPECT_EQ(two.busy, 0.9);
  EXPECT_EQ(simulate(tasks, 64, seconds).seconds, 5);
}

}  // namespace
}  // namespace edgeproof::engine
