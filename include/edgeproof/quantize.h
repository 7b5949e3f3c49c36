#pragma once

// Post-training quantization: an FP32 model and windows to calibrate on give an int8 model, in
// LiteRT's int8 arithmetic (docs/quantization.md).
//
//   const edgeproof::Windows windows = edgeproof::cut_windows(*fp32.pipeline(),
//   training_recording); const edgeproof::Model int8 =
//       edgeproof::quantize(fp32, windows, {.calibration = edgeproof::Calibration::mse});
//
// A pure function, thread-safe, and the same bytes for the same input on one machine.

#include <cstdint>
#include <map>
#include <string>

#include "edgeproof/model.h"
#include "edgeproof/pipeline.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

// How the range of each activation is found.
enum class Calibration {
  min_max,         // everything seen
  percentile,      // the central share of the values seen: rare outliers saturate
  moving_average,  // of each batch's minimum and maximum (Krishnamoorthi 2018)
  mse,             // the share of [min, max] that int8 represents with least squared error
  entropy,         // the threshold that loses least information (Migacz 2017)
};

// How the scale of each output channel's weights is found.
enum class WeightClip {
  max,  // the largest weight is the largest level: nothing is clipped
  mse,  // the share of that scale with the least squared error over the channel
};

// How weights are rounded to levels. It matters below 8 bits.
enum class WeightRounding {
  nearest,   // without data
  adaround,  // up or down as learnt by gradient descent (Nagel et al. 2020)
  gptq,      // errors made good by later weights (Frantar et al. 2023)
};

struct QuantizeOptions {
  Calibration calibration = Calibration::min_max;
  double percentile = 99.99;  // of values inside the range, above 0 and at most 100
  int windows = 512;          // to look at, evenly spread; all if there are fewer
  int weight_bits = 8;        // 2 to 8
  std::map<std::string, int> layer_bits = {};  // of weights of layers by name, instead of that
  int activation_bits = 8;  // 2 to 8; fewer than 8 are simulated, and no device format has them
  WeightClip weight_clip = WeightClip::max;
  WeightRounding weight_rounding = WeightRounding::nearest;
  bool equalize = false;      // cross-layer equalization first (Nagel et al. 2019)
  bool correct_bias = false;  // bias correction last (Nagel et al. 2019)
  std::uint64_t seed = 1;     // of adaround
};

// Keeps the model's pipeline. Error bad_input for a model that is int8 already, for no windows, and
// for windows that do not fit or hold values that are not finite; bad_config for an option out of
// range or a layer that there is not.
EDGEPROOF_PUBLIC Model quantize(const Model& fp32, const Windows& windows,
                                const QuantizeOptions& options = {});

}  // namespace edgeproof
