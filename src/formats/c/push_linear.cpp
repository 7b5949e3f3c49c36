// Test: push_test.cpp compares with the host's pipeline, window by window.

#include <cmath>
#include <optional>

#include "core/error.h"
#include "formats/c/push_parts.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kUnitBits = 48;  // times a count of 15 bits: fits 64
constexpr double kLeast = 1e-25, kMost = 1e25;

// `unit` times 2^exponent.
struct Unit {
  std::int64_t unit = 0;
  int exponent = 0;
};

bool gives_the_hosts_values(Unit candidate, double units) {
  for (int count = 1; count <= kLargestCount; ++count) {
    const auto value = static_cast<float>(count * candidate.unit);  // one rounding, as ep_rounded()
    if (std::ldexp(value, candidate.exponent) != static_cast<float>(count * units)) return false;
  }
  return true;
}

// The host rounds twice, to double and to single precision: the nearest number of 48 bits, or one
// close to it, gives the same by rounding once.
std::optional<Unit> unit_of(double units) {
  int exponent = 0;
  const auto nearest = std::llround(std::ldexp(std::frexp(units, &exponent), kUnitBits));
  for (const int away : {0, 1, -1, 2, -2, 3, -3}) {
    const Unit candidate{nearest + away, exponent - kUnitBits};
    if (candidate.unit < std::int64_t{1} << kUnitBits && gives_the_hosts_values(candidate, units)) {
      return candidate;
    }
  }
  return {};
}

std::string real(float value) {
  int exponent = 0;
  const auto mantissa = static_cast<int>(std::ldexp(std::frexp(value, &exponent), 24));
  return fmt::format("{{{}, {}}}", mantissa, mantissa == 0 ? 0 : exponent - 24);
}

}  // namespace

Tables linear_tables(const Deployment& deployment, graph::Quantization input,
                     const std::vector<double>& units) {
  const signal::Statistics& statistics = deployment.pipeline.statistics;
  std::string text =
      fmt::format("\nstatic const ep_real ep_input_scale = {};\n", real(input.scale)) +
      fmt::format("static const ep_scaling ep_scalings[{}] = {{\n", units.size());
  for (std::size_t c = 0; c < units.size(); ++c) {
    const bool in_range = units[c] >= kLeast && units[c] <= kMost;
    const std::optional<Unit> unit = in_range ? unit_of(units[c]) : std::nullopt;
    if (!unit) {
      fail(ErrorCode::unsupported,
           "channel '{}': {} units per count cannot be interpolated in integers, expected {} to {}",
           deployment.channels[c].name, units[c], kLeast, kMost);
    }
    text += fmt::format("  {{INT64_C({}), {}, {}, {}}},\n", unit->unit, unit->exponent,
                        real(statistics.mean[c]), real(statistics.sd[c]));
  }
  return {text + "};\n", 8 + 32 * units.size()};
}

}  // namespace edgeproof::formats::c
