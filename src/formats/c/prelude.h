#pragma once

#include <string_view>

namespace edgeproof::formats::c {

// What opens a module's source: macros, requantization, plain kernels.
extern const std::string_view kPrelude;
// Convolutions with the DSP extension.
extern const std::string_view kDspPrelude;
// Convolutions with Helium.
extern const std::string_view kMvePrelude;
// The kernels of operations without weights.
extern const std::string_view kPlainPrelude;

}  // namespace edgeproof::formats::c
