#pragma once

// What readers of a user's own files share: how channels are described, and how the names of
// classes and groups become indices.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

// A channel as a configuration describes it.
struct ChannelOptions {
  std::string name = {};  // the column, for a CSV file
  std::string unit = {};
  std::string derived_from = {};  // another channel's name, if this one is computed from it
  std::string derived = {};       // how: a text of filter_from(); needed with derived_from
};

// Error bad_config if a name is used twice, derived_from names no physical channel of the list, or
// `derived` is missing, is not a filter, or belongs to a physical channel.
std::vector<Channel> make_channels(std::span<const ChannelOptions> options);

// The channels with the filters that `derived` names: one for all derived channels, or one for each
// channel, empty texts for the physical ones; none: as they are. Error bad_config for another
// number of them, or as make_channels().
std::vector<Channel> with_filters(std::vector<Channel> channels,
                                  std::span<const std::string> derived);

// Error bad_config, naming the channel, if a filter cannot run at the set's rate.
void check_filters(const RecordingSet& set);

// A three-axis sensor, by the names of its channels x, y and z.
using TriadOptions = std::array<std::string, 3>;

// Error bad_config if a name is no channel's, or the channel is derived or in another triad
// already.
std::vector<std::array<int, 3>> make_triads(std::span<const TriadOptions> options,
                                            std::span<const Channel> channels);

// Collects names in any order; index() is by first appearance.
class NameTable {
 public:
  std::int32_t index(std::string_view name);
  std::string_view name(std::int32_t index) const {
    return names_[static_cast<std::size_t>(index)];
  }

  // The names in order, by value if all are integers, and for each old index its place among them.
  struct Sorted {
    std::vector<std::string> names;
    std::vector<std::int32_t> place;
  };
  Sorted sort() const;

 private:
  std::map<std::string, std::int32_t, std::less<>> index_;
  std::vector<std::string> names_;
};

}  // namespace edgeproof::signal
