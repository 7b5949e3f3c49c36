#pragma once

// Linear filters by which a device computes a derived channel from a physical one, such as the
// acceleration of the body from that which a sensor measures.
//
// A declaration is a value, written `copy`, `high_pass(order, hz)` or `low_pass(order, hz)`: the
// identity, or a Butterworth filter, whose half-power point is at `hz`. It becomes digital by the
// bilinear transform with the cut-off prewarped, and is causal. A FilterState runs it, in second-
// order sections and double precision, with additions and multiplications alone: the same bits on
// every machine for the same coefficients.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edgeproof::signal {

enum class FilterKind { copy, high_pass, low_pass };

inline constexpr int kMostFilterOrder = 8;
inline constexpr std::int64_t kMostSettling = 1 << 20;  // samples

struct Filter {
  FilterKind kind = FilterKind::copy;
  int order = 0;  // 1 to kMostFilterOrder; 0 for copy
  double hz = 0;  // the cut-off; 0 for copy

  bool operator==(const Filter&) const = default;
};

// What takes gravity off an acceleration in UCI HAR, whose authors took for gravity what a
// Butterworth low-pass at 0.3 Hz leaves.
inline constexpr Filter kBodyFilter{FilterKind::high_pass, 3, 0.3};

// The forms of a declaration, for messages.
inline constexpr std::string_view kFilterForms =
    "'copy', 'high_pass(order, hz)' or 'low_pass(order, hz)', with an order of 1 to 8 and a "
    "cut-off above 0 Hz";

// Nothing for a text that is none of the forms.
std::optional<Filter> filter_from(std::string_view text);
// The text that filter_from() reads; the cut-off comes back as the same double.
std::string filter_text(const Filter& filter);

// Why it cannot run at this rate (unknown if it is 0), such as "high_pass(3, 30): the cut-off must
// be above 0 Hz and below half the sampling rate, 25 Hz"; nothing if it can.
std::optional<std::string> obstacle(const Filter& filter, double rate_hz);

// A filter at work on one channel. It begins at rest, as if all inputs had been 0.
class FilterState {
 public:
  // `filter` must have no obstacle() at this rate.
  FilterState(const Filter& filter, double rate_hz);

  // As if all inputs had been `input`. A high-pass then gives exactly 0 until the input changes.
  void settle(double input);
  double step(double input);

  // Samples after which the slowest pole's share of the response is 1 % of what it was.
  std::int64_t settling() const;

 private:
  // y = b0 x + z0, z0 <- b1 x - a1 y + z1, z1 <- b2 x - a2 y (direct form II transposed).
  struct Section {
    double b0, b1, b2, a1, a2;
    double z0 = 0, z1 = 0;
  };

  std::array<Section, (kMostFilterOrder + 1) / 2> sections_{};
  int count_ = 0;
  bool high_pass_ = false;
};

}  // namespace edgeproof::signal
