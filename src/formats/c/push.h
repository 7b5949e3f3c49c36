#pragma once

// ep_push(): the pipeline of formats/metadata.h in integers, sample by sample.
//
// A sample is a 16-bit count per sensor channel; count * units_per_count is the physical value.
// Imputation, z-score and quantization together are a function of the count alone, so that they are
// one multiplication by a 64-bit factor; all 65,535 counts are tried when the module is written,
// and those few for which the host's single precision rounds to another level are listed.
//
// Linear imputation depends on two counts and on where between them a sample lies: the host's
// operations in single precision are done in integers. A window is as if the recording ended
// `look_ahead` samples after it.

#include <string>
#include <vector>

#include "formats/c/module.h"
#include "formats/metadata.h"

namespace edgeproof::formats::c {

struct PushCode {
  std::string header, source;
  std::size_t table_bytes = 0, ram_bytes = 0;
};

// Error bad_config for units that are not positive or of another number than sensors, and for a
// look-ahead of another imputation; unsupported for a channel whose counts are beyond the
// arithmetic, and for linear imputation in a streaming module: it rewrites samples of earlier
// windows.
PushCode push_code(const Module& module, const Deployment& deployment,
                   const std::vector<double>& units_per_count, int look_ahead);

}  // namespace edgeproof::formats::c
