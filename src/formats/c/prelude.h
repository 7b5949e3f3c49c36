#pragma once

#include <string_view>

namespace edgeproof::formats::c {

// What opens a module's source: macros, requantization, plain kernels.
extern const std::string_view kPrelude;
// Convolutions with the DSP extension.
extern const std::string_view kDspPrelude;
// Convolutions with Helium.
extern const std::string_view kMvePrelude;
// Dense layers with the DSP extension or Helium, and convolutions that do not fit those.
extern const std::string_view kRowsPrelude;
// The kernels of operations without weights.
extern const std::string_view kPlainPrelude;
// What follows the network where there is ep_push(), in this order: the level of a count; for
// linear imputation single precision in integers, and gaps; the stream.
extern const std::string_view kPushLevel, kPushReal, kPushLinear, kPush;

}  // namespace edgeproof::formats::c
