#pragma once

// A model in the form that a device or another tool takes.
//
//   edgeproof::save(model, "walk.onnx");
//   const std::string bytes = edgeproof::to_tflite(model);
//   for (const auto& [name, text] : edgeproof::to_c(model, {.units_per_count = {0.001}})) …
//
// The model's pipeline travels along. The same model gives the same bytes; functions are pure (but
// for save()) and thread-safe.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "edgeproof/model.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

// ONNX, FP32 or int8 in QDQ form; Model::parse() reads the same model back. Error unsupported for
// one beyond 256 MiB.
EDGEPROOF_PUBLIC std::string to_onnx(const Model& model);

// That in a file, whole or not at all. Errors as to_onnx(), and io.
EDGEPROOF_PUBLIC void save(const Model& model, const std::filesystem::path& file);

// A file for LiteRT and LiteRT for Microcontrollers. Error unsupported for activations of fewer
// than 8 bits.
EDGEPROOF_PUBLIC std::string to_tflite(const Model& model);

struct COptions {
  // Physical units of a sensor's integer count, one for all channels or one each: the module then
  // has ep_push(), from raw samples to a label. Needs the model's pipeline.
  std::vector<double> units_per_count = {};
  // Of ep_push() with linear imputation: samples that it waits behind a window for gaps to end.
  int look_ahead = 0;
  // Not 0: windows start so many samples apart, and of each only what changed is computed.
  int stream_hop = 0;
};

// An int8 model as a C99 module without heap, floating point or dependencies: contents by file name
// ("model.h", "model.c", "README.md"). Error unsupported for an FP32 model, bad_config for options
// that do not fit it.
EDGEPROOF_PUBLIC std::map<std::string, std::string> to_c(const Model& model,
                                                         const COptions& options = {});

// What a form of the module takes: "plain" C, the DSP extension, or Helium.
struct CCost {
  std::string form = {};
  std::size_t table_bytes = 0;  // flash without code: weights, biases, multipliers, labels
  std::size_t ram_bytes = 0;    // without stack: the arena, and what ep_push() keeps
};

// One for each form. Errors as to_c().
EDGEPROOF_PUBLIC std::vector<CCost> c_costs(const Model& model, const COptions& options = {});

}  // namespace edgeproof
