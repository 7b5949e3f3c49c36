#include "core/parallel.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"

namespace edgeproof {
namespace {

TEST(Parallel, EveryPieceRunsOnceOnAnyNumberOfThreads) {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> calls(1000, 0);
    parallel_for(1000, threads, [&](int i) { ++calls[i]; });
    EXPECT_EQ(calls, std::vector<int>(1000, 1));
  }
}

TEST(Parallel, AnExceptionReachesTheCaller) {
  const auto body = [](int i) {
    if (i == 5) fail(ErrorCode::bad_input, "piece {}", i);
  };
  EXPECT_THROW(parallel_for(10, 1, body), Error);
  EXPECT_THROW(parallel_for(10, 2, body), Error);
}

}  // namespace
}  // namespace edgeproof
