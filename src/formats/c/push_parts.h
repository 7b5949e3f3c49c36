#pragma once

// What push.cpp and push_linear.cpp share.

#include <vector>

#include "formats/c/text.h"
#include "formats/metadata.h"
#include "graph/graph.h"

namespace edgeproof::formats::c {

inline constexpr int kLargestCount = 32767;  // -32768 says that a sample is missing

// ep_input_scale and ep_scalings: what kPushLinear computes with. Error unsupported for units so
// large or small that single precision ends.
Tables linear_tables(const Deployment& deployment, graph::Quantization input,
                     const std::vector<double>& units);

}  // namespace edgeproof::formats::c
