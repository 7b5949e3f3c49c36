#pragma once

// An int8 network as a C99 module for microcontrollers: "model.h", "model.c" and "README.md".
//
// The module has no heap, no floating point and no dependency but <stdint.h> and <string.h>. All
// shapes are constants of the very network, activations live in one static arena, and the outputs
// are the host runtime's bit for bit. One source serves every target: predefined macros of the
// compiler choose plain C, the DSP extension of Armv7E-M and Armv8-M (dual 16-bit
// multiply-accumulates), or Helium (MVE) of Armv8.1-M; EP_PORTABLE forces plain C.
//
// Names out of the model never reach the source as they are: only letters, digits and underscores
// of them do.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "formats/onnx.h"

namespace edgeproof::formats {

struct CExportOptions {
  // Physical units of a sensor's count, one for all channels or one for each: with them the module
  // has ep_push(), which takes raw samples (c/push.h). The model needs its pipeline for that.
  std::vector<double> units_per_count = {};
  // Of ep_push() with linear imputation: samples that it waits behind a window for gaps to end.
  int look_ahead = 0;
  // Not 0: windows start so many samples apart, and ep_advance() (ep_push() with units_per_count)
  // computes of each only what changed. This hop, not the model's, is then ep_push()'s.
  int stream_hop = 0;
};

// Contents by file name; the same model gives the same bytes. Error bad_input for an invalid graph
// or pipeline, unsupported for a graph that is not int8 or whose padding alone would fill a
// microcontroller, and as push_code() and lower().
std::map<std::string, std::string> to_c(const Model& model, const CExportOptions& options = {});

// What a form of the module takes: flash without code, RAM without stack.
struct CFormCost {
  std::string form;
  std::size_t table_bytes = 0;  // weights, biases, multipliers, tables of functions, labels
  std::size_t ram_bytes = 0;    // the arena, and what ep_push() keeps
};

// One for each form. Errors as to_c().
std::vector<CFormCost> c_costs(const Model& model, const CExportOptions& options = {});

// Multiply-accumulates of ep_run(), or of ep_advance() in a streaming module. Errors as to_c().
std::int64_t c_macs(const Model& model, const CExportOptions& options = {});

}  // namespace edgeproof::formats
