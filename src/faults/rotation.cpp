// Each declared three-axis sensor turned by theta about a random axis, uniform on the sphere and
// drawn once for each sensor of each recording: a device worn askew. A triad derived from another
// one, axis for axis and by one filter, is turned with it: the turn is constant, so that to filter
// what is turned is to turn what is filtered.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

using Triad = std::array<int, 3>;
using Matrix = std::array<std::array<double, 3>, 3>;

Triad sources(const Context& context, const Triad& triad) {
  Triad of{};
  for (std::size_t k = 0; k < 3; ++k)
    of[k] = context.channels[static_cast<std::size_t>(triad[k])].source;
  return of;
}

// Whether `triad` is a declared one or comes from one.
bool turns(const Context& context, const Triad& triad) {
  const auto filter = [&](int channel) -> const signal::Filter& {
    return context.channels[static_cast<std::size_t>(channel)].filter;
  };
  return filter(triad[0]) == filter(triad[1]) && filter(triad[0]) == filter(triad[2]) &&
         std::ranges::find(context.triads, sources(context, triad)) != context.triads.end();
}

// By Rodrigues' formula.
Matrix about(const std::array<double, 3>& axis, double angle) {
  const double c = std::cos(angle), s = std::sin(angle), d = 1 - c;
  const auto [x, y, z] = axis;
  return {{{c + x * x * d, x * y * d - z * s, x * z * d + y * s},
           {y * x * d + z * s, c + y * y * d, y * z * d - x * s},
           {z * x * d - y * s, z * y * d + x * s, c + z * z * d}}};
}

class Rotation : public Operator {
 public:
  explicit Rotation(const Site& site) {
    const auto has_lane = [&](int channel) {
      return std::ranges::any_of(site.lanes, [&](const Lane& l) { return l.channel == channel; });
    };
    for (const Triad& triad : site.context.triads) {
      if (!turns(site.context, triad) || !std::ranges::all_of(triad, has_lane)) continue;
      const auto words = site.draws(sources(site.context, triad)[0]).once();
      const double z = 2 * CounterRng::unit(words[0], words[1]) - 1;
      const double around = 2 * std::numbers::pi * CounterRng::unit(words[2], words[3]);
      const double radius = std::sqrt(1 - z * z);
      triads_.emplace_back(triad, about({radius * std::cos(around), radius * std::sin(around), z},
                                        site.value * std::numbers::pi / 180));
    }
  }

  void apply(const Frames&, const Frames& out) override {
    for (const auto& [triad, turn] : triads_) {
      const auto x = out.channel(triad[0]), y = out.channel(triad[1]), z = out.channel(triad[2]);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double v[3] = {x[i], y[i], z[i]};
        const auto row = [&v, &turn = turn](std::size_t k) {
          return static_cast<float>(turn[k][0] * v[0] + turn[k][1] * v[1] + turn[k][2] * v[2]);
        };
        x[i] = row(0);
        y[i] = row(1);
        z[i] = row(2);
      }
    }
  }

 private:
  std::vector<std::pair<Triad, Matrix>> triads_;
};

std::optional<std::string> obstacle(const Context& context, std::span<const int> channels) {
  const auto selected = [&](int channel) {
    return std::ranges::find(channels, channel) != channels.end();
  };
  for (const Triad& triad : context.triads) {
    if (std::ranges::all_of(triad, selected)) return std::nullopt;
  }
  return "it needs a declared three-axis sensor";
}

bool acts_on_derived(const Context& context, int channel) {
  return std::ranges::any_of(context.triads, [&](const Triad& triad) {
    return std::ranges::find(triad, channel) != triad.end() && turns(context, triad);
  });
}

}  // namespace

Definition rotation() {
  return {.name = "rotation",
          .summary = "each declared 3-axis triad turned by theta about a random axis",
          .parameter = {"degrees", "degrees", 0, 180},
          .severities = {5, 10, 20, 45, 90},
          .make = make<Rotation>,
          .obstacle = obstacle,
          .acts_on_derived = acts_on_derived};
}

}  // namespace edgeproof::faults
