#include "formats/onnx_axes.h"

#include <gtest/gtest.h>

namespace edgeproof::formats {
namespace {

using enum Axis;
constexpr graph::Shape kShape{6, 4};  // length 6, 4 channels
const Axes kFirst = {batch, channels, length}, kLast = {batch, length, channels};

TEST(OnnxAxes, FlatteningRemembersTheOrder) {
  EXPECT_EQ(reshaped(kFirst, kShape, {0, -1}), (Axes{batch, channels_length}));
  EXPECT_EQ(reshaped(kLast, kShape, {kBatch, 24}), (Axes{batch, length_channels}));
  EXPECT_EQ(reshaped({batch, length_channels}, kShape, {-1, 6, 4}), kLast);
  EXPECT_EQ(reshaped({batch, length_channels}, kShape, {-1, 4, 6}), std::nullopt);
}

TEST(OnnxAxes, PositionsMayBeRows) {
  const Axes rows = {batch_length, channels};
  EXPECT_EQ(reshaped(kLast, kShape, {-1, 4}), rows);
  EXPECT_EQ(reshaped(kLast, kShape, {6, -1}), rows);  // of a single window
  EXPECT_EQ(reshaped(rows, kShape, {-1, 6, 4}), kLast);
  EXPECT_EQ(reshaped(rows, kShape, {kBatch, 6, 1, -1}), (Axes{batch, length, unit, channels}));
  EXPECT_EQ(reshaped(rows, kShape, {-1, 24}), (Axes{batch, length_channels}));
  EXPECT_EQ(reshaped(rows, kShape, {0, 6, 4}), std::nullopt);
  EXPECT_EQ(reshaped(rows, kShape, {-1, 4, 6}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {-1, 4}), std::nullopt);
  EXPECT_EQ(reshaped(kLast, kShape, {-1, 6}), std::nullopt);
}

TEST(OnnxAxes, UnitsComeAndGo) {
  EXPECT_EQ(reshaped(kFirst, kShape, {1, 4, 1, 6}), (Axes{batch, channels, unit, length}));
  EXPECT_EQ(reshaped({batch, unit, length, channels}, kShape, {-1, 6, 4}), kLast);
  EXPECT_EQ(reshaped({batch, channels, unit}, {1, 4}, {0, 4}), (Axes{batch, channels}));
  EXPECT_EQ(reshaped({batch, unit, unit}, {1, 1}, {0, 1}), (Axes{batch, unit}));
}

TEST(OnnxAxes, WhatIsNoReorderingOfOursIsRefused) {
  EXPECT_EQ(reshaped(kFirst, kShape, {0, 2, 12}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {0, 6, 4}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {4, -1}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {0, 5, -1}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {0, -1, -1}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {0, -7, 24}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {0, 1LL << 62, 1LL << 62}), std::nullopt);
  EXPECT_EQ(reshaped(kFirst, kShape, {}), std::nullopt);
}

TEST(OnnxAxes, WhatHasOneValueIsAUnit) {
  EXPECT_EQ(named(kFirst, {6, 1}), (Axes{batch, unit, length}));
  EXPECT_EQ(named({batch, channels_length}, {1, 4}), (Axes{batch, channels}));
  EXPECT_EQ(named({batch, channels_length}, {6, 1}), (Axes{batch, length}));
  EXPECT_EQ(channels_axis({batch, unit, length}, {6, 1}), 1);
  EXPECT_EQ(length_axis({batch, channels, unit, unit}, {1, 4}), 3);
  EXPECT_EQ(length_axis({batch, channels_length}, kShape), -1);
}

}  // namespace
}  // namespace edgeproof::formats
