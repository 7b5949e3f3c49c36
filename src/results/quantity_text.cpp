#include "results/quantity_text.h"

#include <fmt/format.h>

#include <cmath>

namespace edgeproof::results {
namespace {

using experiment::Quantity;

// A value times `scale`, with so many decimals, and a unit.
struct Unit {
  double scale;
  int decimals;
  const char *of_value, *of_difference;
};

Unit unit_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::share:
      return {100, 1, " %", " points"};
    case Quantity::bytes:
      return {1, 0, " bytes", " bytes"};
    case Quantity::macs:
      return {1, 0, " MACs", " MACs"};
    case Quantity::microseconds:
      return {1, 1, " us", " us"};
    case Quantity::ratio:
    case Quantity::number:
      break;
  }
  return {1, 3, "", ""};
}

constexpr const char* kUndefined = "-";

std::string signed_number(double value, const Unit& unit) {
  return fmt::format("{:+.{}f}", unit.scale * value, unit.decimals);
}

}  // namespace

std::string value_text(double value, Quantity quantity, int more_decimals) {
  const Unit unit = unit_of(quantity);
  if (std::isnan(value)) return kUndefined;
  return fmt::format("{:.{}f}{}", unit.scale * value, unit.decimals + more_decimals, unit.of_value);
}

std::string estimate_text(const Interval& estimate, Quantity quantity, int more_decimals) {
  const std::string numbers = estimate_numbers(estimate, quantity, more_decimals);
  return numbers == kUndefined ? numbers : numbers + unit_of(quantity).of_value;
}

std::string estimate_numbers(const Interval& estimate, Quantity quantity, int more_decimals) {
  const Unit unit = unit_of(quantity);
  if (std::isnan(estimate.value)) return kUndefined;
  return fmt::format("{1:.{0}f} [{2:.{0}f}, {3:.{0}f}]", unit.decimals + more_decimals,
                     unit.scale * estimate.value, unit.scale * estimate.lo,
                     unit.scale * estimate.hi);
}

std::string difference_text(double difference, Quantity quantity) {
  const Unit unit = unit_of(quantity);
  return signed_number(difference, unit) + unit.of_difference;
}

std::string difference_text(const Interval& difference, Quantity quantity) {
  const Unit unit = unit_of(quantity);
  return fmt::format("{} [{}, {}]{}", signed_number(difference.value, unit),
                     signed_number(difference.lo, unit), signed_number(difference.hi, unit),
                     unit.of_difference);
}

}  // namespace edgeproof::results
