#pragma once

// What the tests of this folder share: a model with its pipeline, samples, and messages of Errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compress/reference_networks.h"
#include "core/error.h"
#include "core/random.h"
#include "edgeproof/pipeline.h"
#include "formats/metadata.h"
#include "formats/onnx.h"

namespace edgeproof::api {

// Nine sensors, the last three derived from the first three, at 50 Hz.
inline formats::Deployment deployment() {
  formats::Deployment d{.window_length = 128,
                        .hop = 32,
                        .rate_hz = 50,
                        .labels = {"walk", "up", "down", "sit", "stand", "lie"},
                        .provenance = {"checksum", "[data]", 7, "0.1.0"}};
  for (int c = 0; c < 9; ++c) {
    d.channels.push_back({fmt::format("c{}", c), c < 6 ? "g" : "rad/s", c < 6 ? c : c - 6});
    if (c >= 6) d.channels.back().filter = signal::kBodyFilter;
    d.pipeline.statistics.mean.push_back(0.1F * static_cast<float>(c));
    d.pipeline.statistics.sd.push_back(1 + 0.25F * static_cast<float>(c));
  }
  return d;
}

// Network R1, 128 x 9 to 6 classes, with that pipeline.
inline formats::Model made_inside(bool int8) {
  return {compress::reference_network("r1", int8), formats::to_metadata(deployment())};
}

inline std::vector<float> noise(std::size_t count, std::uint64_t seed = 1) {
  const CounterRng rng(seed, "samples");
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(rng.normal(static_cast<std::uint32_t>(i)));
  }
  return values;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// The message of the Error with this code that `action` must throw.
inline std::string error(ErrorCode code, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

}  // namespace edgeproof::api
