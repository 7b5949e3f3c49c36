#include "signal/readers/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

// The filter that `derived` in [data] gives to a channel.
Filter filter_of(const std::string& channel, const std::string& text, bool is_derived) {
  if (!is_derived) {
    if (text.empty()) return {};
    fail(ErrorCode::bad_config,
         "'derived' in [data] is '{}' for channel '{}', which is physical: expected an empty text, "
         "or a channel that it is derived from in 'derived_from'",
         text, channel);
  }
  if (const auto filter = filter_from(text)) return *filter;
  fail(ErrorCode::bad_config,
       "'derived' in [data] is {} for channel '{}', which is derived: expected how the device "
       "computes it, {}",
       text.empty() ? "missing" : fmt::format("'{}'", text), channel, kFilterForms);
}

}  // namespace

std::vector<Channel> make_channels(std::span<const ChannelOptions> options) {
  std::vector<std::string> names;
  for (const ChannelOptions& option : options) {
    if (std::ranges::find(names, option.name) != names.end()) {
      fail(ErrorCode::bad_config, "channel '{}' is listed twice", option.name);
    }
    names.push_back(option.name);
  }
  std::vector<Channel> channels;
  for (std::size_t c = 0; c < options.size(); ++c) {
    std::size_t source = c;
    if (const std::string& from = options[c].derived_from; !from.empty()) {
      source = static_cast<std::size_t>(std::ranges::find(names, from) - names.begin());
      if (source == names.size()) {
        fail(ErrorCode::bad_config, "channel '{}': derived_from names no channel '{}'{}", names[c],
             from, did_you_mean(from, names));
      }
      if (source == c || !options[source].derived_from.empty()) {
        fail(ErrorCode::bad_config,
             "channel '{}': derived_from must name a physical channel, but '{}' is derived itself",
             names[c], from);
      }
    }
    channels.push_back({names[c], options[c].unit, static_cast<int>(source),
                        filter_of(names[c], options[c].derived, source != c)});
  }
  return channels;
}

std::vector<Channel> with_filters(std::vector<Channel> channels,
                                  std::span<const std::string> derived) {
  if (derived.empty()) return channels;
  if (derived.size() != 1 && derived.size() != channels.size()) {
    fail(ErrorCode::bad_config,
         "'derived' in [data] has {} values, expected one for all derived channels, or {}: one for "
         "each channel",
         derived.size(), channels.size());
  }
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const bool is_derived = channels[c].source != static_cast<int>(c);
    if (derived.size() == 1 && !is_derived) continue;
    channels[c].filter =
        filter_of(channels[c].name, derived[derived.size() == 1 ? 0 : c], is_derived);
  }
  return channels;
}

void check_filters(const RecordingSet& set) {
  for (const Channel& channel : set.channels) {
    if (const auto reason = obstacle(channel.filter, set.rate_hz)) {
      fail(ErrorCode::bad_config, "'derived' in [data]: channel '{}': {}", channel.name, *reason);
    }
  }
}

std::vector<std::array<int, 3>> make_triads(std::span<const TriadOptions> options,
                                            std::span<const Channel> channels) {
  std::vector<std::string> names;
  for (const Channel& channel : channels) names.push_back(channel.name);
  std::vector<bool> taken(channels.size());
  std::vector<std::array<int, 3>> triads;
  for (const TriadOptions& option : options) {
    std::array<int, 3> triad{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto at =
          static_cast<std::size_t>(std::ranges::find(names, option[axis]) - names.begin());
      if (at == names.size()) {
        fail(ErrorCode::bad_config, "triads: no channel '{}'{}", option[axis],
             did_you_mean(option[axis], names));
      }
      if (taken[at]) fail(ErrorCode::bad_config, "triads: channel '{}' is listed twice", names[at]);
      taken[at] = true;
      triad[axis] = static_cast<int>(at);
    }
    triads.push_back(triad);
  }
  return triads;
}

std::int32_t NameTable::index(std::string_view name) {
  const auto found = index_.find(name);
  if (found != index_.end()) return found->second;
  const auto next = static_cast<std::int32_t>(names_.size());
  index_.emplace(name, next);
  names_.emplace_back(name);
  return next;
}

NameTable::Sorted NameTable::sort() const {
  std::vector<std::optional<long long>> values;
  for (const std::string& name : names_) values.push_back(parse_integer(name));
  const bool by_value = std::ranges::all_of(values, [](const auto& v) { return v.has_value(); });

  std::vector<std::size_t> order(names_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (by_value && values[a] != values[b]) return *values[a] < *values[b];
    return names_[a] < names_[b];
  });

  Sorted sorted;
  sorted.place.resize(names_.size());
  for (const std::size_t old : order) {
    sorted.place[old] = static_cast<std::int32_t>(sorted.names.size());
    sorted.names.push_back(names_[old]);
  }
  return sorted;
}

}  // namespace edgeproof::signal
