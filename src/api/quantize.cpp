#include "edgeproof/quantize.h"

#include "api/inside.h"
#include "compress/bias_correction.h"
#include "compress/calibrate.h"
#include "compress/data_rounding.h"
#include "compress/equalize.h"
#include "core/error.h"

namespace edgeproof {
namespace {

// The order is that of the public enumerations.
static_assert(static_cast<int>(compress::CalibrationMethod::entropy) ==
              static_cast<int>(Calibration::entropy));
static_assert(static_cast<int>(compress::WeightClip::mse) == static_cast<int>(WeightClip::mse));
static_assert(static_cast<int>(compress::WeightRounding::gptq) ==
              static_cast<int>(WeightRounding::gptq));

signal::WindowSet window_set(const Windows& windows) {
  const auto size = static_cast<std::size_t>(windows.length) * windows.channels;
  if (windows.count < 0 ||
      windows.values.size() != size * static_cast<std::size_t>(windows.count)) {
    fail(ErrorCode::bad_input, "{} windows of {} x {} hold {} values", windows.count,
         windows.length, windows.channels, windows.values.size());
  }
  signal::WindowSet set;
  set.count = windows.count;
  set.length = windows.length;
  set.channels = windows.channels;
  set.values = windows.values;
  return set;
}

}  // namespace

Model quantize(const Model& fp32, const Windows& windows, const QuantizeOptions& options) {
  if (fp32.is_int8()) {
    fail(ErrorCode::bad_input, "{}: is int8 already; give the FP32 model", fp32.name());
  }
  const signal::WindowSet set = window_set(windows);
  formats::Model model = fp32.inside().model;
  const graph::Graph start =
      options.equalize ? compress::equalize(model.graph) : std::move(model.graph);
  const graph::Graph ranged =
      compress::calibrate(start, set,
                          {.method = static_cast<compress::CalibrationMethod>(options.calibration),
                           .percentile = options.percentile,
                           .windows = options.windows,
                           .activation_bits = options.activation_bits});
  model.graph =
      compress::quantize(ranged, set,
                         {.weight_bits = {options.weight_bits, options.layer_bits},
                          .weight_clip = static_cast<compress::WeightClip>(options.weight_clip)},
                         {.method = static_cast<compress::WeightRounding>(options.weight_rounding),
                          .windows = options.windows,
                          .adaround = {.seed = options.seed}});
  if (options.correct_bias) {
    model.graph = compress::correct_bias(model.graph, start, set, {.windows = options.windows});
  }
  return api::make_model(fp32.name(), std::move(model));
}

}  // namespace edgeproof
