#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace edgeproof::results {

// Null where there is no number: JSON has neither nan nor inf.
inline nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

}  // namespace edgeproof::results
