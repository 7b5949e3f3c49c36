#pragma once

// The kernels that this machine can run.

#include <span>
#include <string_view>

#include "runtime/kernels/kernels.h"

namespace edgeproof::runtime {

// The best first; the last one is "scalar", the reference.
std::span<const Kernels> available_kernels();

// By name, as Highway names its targets, in lower case ("avx3", "avx2", "sse4", "neon", …),
// "avx3_vnni" and "neon_dot" (with dot products of bytes), or "scalar"; empty: the best. Error
// bad_config, listing what is available, for any other name.
const Kernels& find_kernels(std::string_view name);

}  // namespace edgeproof::runtime
