#pragma once

// Damage to an ONNX model that leaves it a model: names, operators, attributes, dimensions, types.

#include <string>

#include "fuzz/mutate.h"

namespace edgeproof::fuzz {

std::string mutated_onnx(const std::string& bytes, Draws& draws);

}  // namespace edgeproof::fuzz
