#pragma once

// For tests only.

#include "core/random.h"
#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

inline signal::WindowSet random_windows(int count, graph::Shape shape, std::uint64_t seed) {
  signal::WindowSet set{count, shape.length, shape.channels, {}, {}, {}};
  const CounterRng rng(seed, "windows");
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count * shape.size()); ++i) {
    set.values.push_back(static_cast<float>(rng.normal(i)));
  }
  return set;
}

}  // namespace edgeproof::compress
