#pragma once

// Augmentation of training windows, after z-score: the same network, told what does not matter.
//
//   rotation     each window's three-axis sensors turned about one random axis: they are never
//   mounted
//                twice in the same way
//   motion gain  what moves in a window, about each channel's mean, multiplied by exp(u ln g),
//                u ~ U(0,1): how much somebody sways is not what they do
//   level swap   the means of some channels (gravity, an offset) are another window's: where two
//                classes are told apart by a level that differs between persons, motion must help
//
// Everything is a pure function of (seed, epoch, window).

#include <cstdint>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::train {

struct AugmentOptions {
  double rotation_deg = 0;  // sd of the angle; 0: none
  double motion_gain = 1;   // the largest; 1: none
  std::vector<std::string> motion_gain_classes = {};
  double level_swap = 0;  // share of the windows of its classes
  std::vector<std::string> level_swap_classes = {};
  std::vector<std::string> level_swap_channels = {};

  bool any() const { return rotation_deg > 0 || motion_gain > 1 || level_swap > 0; }
};

class Augment {
 public:
  // Error bad_config for what the data set does not have: triads, classes, channels.
  Augment(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
          const AugmentOptions& options, std::uint64_t seed);

  void apply(signal::WindowSet& windows, std::uint32_t epoch) const;

 private:
  void rotate(signal::WindowSet& windows, std::uint32_t epoch) const;
  void swap_levels(signal::WindowSet& windows, std::uint32_t epoch) const;
  void scale_motion(signal::WindowSet& windows, std::uint32_t epoch) const;

  double rotation_deg_, motion_gain_, level_swap_;
  std::uint64_t seed_;
  std::vector<std::array<int, 3>> triads_;
  signal::Statistics statistics_;
  std::vector<bool> motion_gain_classes_, level_swap_classes_;  // [class]
  std::vector<int> level_swap_channels_;
};

}  // namespace edgeproof::train
