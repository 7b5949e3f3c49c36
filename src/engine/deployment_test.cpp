#include "engine/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace edgeproof::engine {
namespace {

using testing::ElementsAre;

formats::Deployment deployment() {
  formats::Deployment d;
  d.window_length = 64;
  d.hop = 16;
  d.rate_hz = 50;
  d.channels = {{"ax", "g", 0}, {"ay", "g", 1}};
  d.labels = {"rest", "walk", "run"};
  return d;
}

signal::RecordingSet recordings(const std::vector<std::string>& channels, double rate_hz) {
  signal::RecordingSet set;
  set.rate_hz = rate_hz;
  for (const std::string& name : channels) {
    set.channels.push_back({name, "g", static_cast<int>(set.channels.size())});
  }
  return set;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_input);
    return error.what();
  }
  return "no error";
}

TEST(Deployment, SaysWhichChannelsAreTakenForWhich) {
  EXPECT_EQ(expect_same_sensors(recordings({"ax", "ay"}, 50), deployment(), "walk.csv", "net.onnx"),
            std::nullopt);
  EXPECT_EQ(expect_same_sensors(recordings({"x", "y"}, 50), deployment(), "walk.csv", "net.onnx"),
            "channels x, y of walk.csv are taken to be ax, ay of net.onnx");
}

TEST(Deployment, NeedsAsManyChannelsAsTheModelTakes) {
  EXPECT_EQ(error_of([] {
              expect_same_sensors(recordings({"ax"}, 50), deployment(), "walk.csv", "net.onnx");
            }),
            "channels of walk.csv: 1 (ax), net.onnx takes 2 (ax, ay)");
}

TEST(Deployment, TakesARateThatIsOnePercentOffAndNoMore) {
  const auto at = [](double rate_hz) {
    return error_of([&] {
      expect_same_sensors(recordings({"ax", "ay"}, rate_hz), deployment(), "walk.csv", "net.onnx");
    });
  };
  EXPECT_EQ(at(50.49), "no error");
  EXPECT_EQ(at(49.51), "no error");
  EXPECT_EQ(at(100),
            "walk.csv has 100 samples a second, net.onnx takes 50; resample it with --set "
            "resample_hz=50");
  EXPECT_NE(at(49.4), "no error");
}

TEST(Deployment, CutsWindowsAsTheModelTakesThem) {
  experiment::Config config;
  config.window.length = 128;
  config.window.hop = 128;
  signal::RecordingSet set = recordings({"ax", "ay"}, 50);
  const signal::WindowOptions windows = window_options(config, set, deployment());
  EXPECT_EQ(windows.length, 64);
  EXPECT_EQ(windows.hop, 16);
  set.cut = true;
  EXPECT_EQ(window_options(config, set, deployment()).length, 0);
}

TEST(Deployment, NeedsWindowsOfTheModelsLength) {
  signal::Dataset dataset;
  dataset.window_length = 64;
  expect_same_length(dataset, deployment(), "walk.npz", "net.onnx");
  dataset.window_length = 65;
  EXPECT_EQ(error_of([&] { expect_same_length(dataset, deployment(), "walk.npz", "net.onnx"); }),
            "walk.npz has windows of 65 samples, net.onnx takes 64");
}

TEST(Deployment, LabelsOfAllPartsBecomeTheModels) {
  signal::Dataset dataset;
  dataset.source.classes = {"run", "rest"};
  dataset.train = {{.label = 0}, {.label = 1}};
  dataset.validation = {{.label = 1}};
  dataset.test = {{.label = 0}};
  const signal::Dataset labelled = with_labels(dataset, deployment().labels, "walk", "net.onnx");
  EXPECT_THAT(labelled.source.classes, ElementsAre("rest", "walk", "run"));
  EXPECT_EQ(labelled.train[0].label, 2);
  EXPECT_EQ(labelled.train[1].label, 0);
  EXPECT_EQ(labelled.validation[0].label, 0);
  EXPECT_EQ(labelled.test[0].label, 2);
  dataset.source.classes = {"run", "swim"};
  EXPECT_EQ(error_of([&] { with_labels(dataset, deployment().labels, "walk", "net.onnx"); }),
            "walk has the class 'swim', net.onnx knows rest, walk, run");
}

}  // namespace
}  // namespace edgeproof::engine
