// Butterworth's poles lie evenly on a half circle (Oppenheim and Schafer, "Discrete-Time Signal
// Processing", appendix B): pairs with s^2 + 2 zeta s + 1, zeta = sin((2i + 1) pi / 2n), and one at
// -1 if n is odd. s becomes (1/k)(1 - z^-1)/(1 + z^-1), k = tan(pi hz / rate), which moves the
// half-power point to `hz` exactly. Test: filter_test.cpp holds the sections against SciPy.

#include "signal/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/text.h"

namespace edgeproof::signal {
namespace {

constexpr double kSettled = 0.01;

std::optional<FilterKind> kind_of(std::string_view word) {
  if (word == "high_pass") return FilterKind::high_pass;
  if (word == "low_pass") return FilterKind::low_pass;
  return std::nullopt;
}

std::int64_t settling_of(double radius) {
  if (!(radius > 0)) return 1;
  const double samples = std::ceil(std::log(kSettled) / std::log(radius));
  return static_cast<std::int64_t>(std::clamp(samples, 1.0, 0x1.0p60));
}

}  // namespace

std::optional<Filter> filter_from(std::string_view text) {
  text = trim(text);
  if (text == "copy") return Filter{};
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return std::nullopt;
  const auto kind = kind_of(trim(text.substr(0, open)));
  const auto words = split(text.substr(open + 1, text.size() - open - 2), ',');
  if (!kind || words.size() != 2) return std::nullopt;
  const auto order = parse_integer(trim(words[0]));
  const auto hz = parse_number(trim(words[1]));
  if (!order || *order < 1 || *order > kMostFilterOrder) return std::nullopt;
  if (!hz || !(*hz > 0) || !std::isfinite(*hz)) return std::nullopt;
  return Filter{*kind, static_cast<int>(*order), *hz};
}

std::string filter_text(const Filter& filter) {
  if (filter.kind == FilterKind::copy) return "copy";
  return fmt::format("{}({}, {})", filter.kind == FilterKind::high_pass ? "high_pass" : "low_pass",
                     filter.order, filter.hz);
}

std::optional<std::string> obstacle(const Filter& filter, double rate_hz) {
  if (filter.kind == FilterKind::copy) return std::nullopt;
  const auto because = [&](const std::string& reason) {
    return fmt::format("{}: {}", filter_text(filter), reason);
  };
  if (filter.order < 1 || filter.order > kMostFilterOrder) {
    return because(fmt::format("the order must be 1 to {}", kMostFilterOrder));
  }
  if (!(rate_hz > 0)) return because("the sampling rate is not known");
  if (!(filter.hz > 0 && filter.hz < rate_hz / 2)) {
    return because(fmt::format(
        "the cut-off must be above 0 Hz and below half the sampling rate, {:.6g} Hz", rate_hz / 2));
  }
  const std::int64_t settling = FilterState(filter, rate_hz).settling();
  if (settling > kMostSettling) {
    return because(fmt::format("it takes {} samples to settle, at most {} are supported", settling,
                               kMostSettling));
  }
  return std::nullopt;
}

FilterState::FilterState(const Filter& filter, double rate_hz) {
  if (filter.kind == FilterKind::copy) return;
  high_pass_ = filter.kind == FilterKind::high_pass;
  const double k = std::tan(std::numbers::pi * filter.hz / rate_hz);
  for (int i = 0; i < filter.order / 2; ++i) {
    const double damping = 2 * std::sin((2 * i + 1) * std::numbers::pi / (2 * filter.order));
    const double scale = 1 / (1 + damping * k + k * k);
    const double b = high_pass_ ? scale : k * k * scale;
    sections_[static_cast<std::size_t>(count_++)] = {b, high_pass_ ? -2 * b : 2 * b, b,
                                                     2 * (k * k - 1) * scale,
                                                     (1 - damping * k + k * k) * scale};
  }
  if (filter.order % 2 == 1) {
    const double b = (high_pass_ ? 1 : k) / (1 + k);
    sections_[static_cast<std::size_t>(count_++)] = {b, high_pass_ ? -b : b, 0, (k - 1) / (k + 1),
                                                     0};
  }
}

void FilterState::settle(double input) {
  for (int i = 0; i < count_; ++i) {
    Section& s = sections_[static_cast<std::size_t>(i)];
    const double y =
        high_pass_ ? 0 : input * (s.b0 + s.b1 + s.b2) / (1 + s.a1 + s.a2);  // 0 without rounding
    s.z1 = s.b2 * input - s.a2 * y;
    s.z0 = s.b1 * input - s.a1 * y + s.z1;
    input = y;
  }
}

// Compiled here, where products and sums are never fused: a settled high-pass then gives exactly 0.
double FilterState::step(double input) {
  for (int i = 0; i < count_; ++i) {
    Section& s = sections_[static_cast<std::size_t>(i)];
    const double y = s.b0 * input + s.z0;
    s.z0 = s.b1 * input - s.a1 * y + s.z1;
    s.z1 = s.b2 * input - s.a2 * y;
    input = y;
  }
  return input;
}

std::int64_t FilterState::settling() const {
  std::int64_t longest = 0;
  for (int i = 0; i < count_; ++i) {
    const Section& s = sections_[static_cast<std::size_t>(i)];
    // Poles of a section of second order are a pair, of the radius sqrt(a2).
    longest = std::max(longest, settling_of(s.a2 != 0 ? std::sqrt(s.a2) : std::abs(s.a1)));
  }
  return longest;
}

}  // namespace edgeproof::signal
