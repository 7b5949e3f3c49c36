#include "signal/readers/keys.h"

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {

namespace fs = std::filesystem;

fs::path path_of(const SourceRequest& request) {
  return request.base / request.settings.get(kPath);
}

std::vector<fs::path> paths_of(const SourceRequest& request) {
  std::vector<fs::path> paths{path_of(request)};
  for (const std::string& further : request.settings.get(kPaths)) {
    paths.push_back(request.base / further);
  }
  return paths;
}

std::vector<ChannelOptions> channels_of(const Settings& settings) {
  const Names names = settings.get(kChannels);
  const Names units = settings.get(kUnits);
  const Names derived_from = settings.get(kDerivedFrom);
  const Names derived = settings.get(kDerived);
  if (derived.size() > 1 && derived.size() != names.size()) {
    fail(ErrorCode::bad_config,
         "'derived' in [data] has {} values, expected one for all derived channels, or one for "
         "each of 'channels'",
         derived.size());
  }
  if (!derived.empty() && derived_from.empty()) {
    fail(ErrorCode::bad_config,
         "'derived' in [data] is for derived channels, and 'derived_from' names none");
  }
  std::vector<ChannelOptions> options;
  for (std::size_t c = 0; c < names.size(); ++c) {
    ChannelOptions& channel = options.emplace_back(
        ChannelOptions{.name = names[c],
                       .unit = units.empty() ? "" : units[c],
                       .derived_from = derived_from.empty() ? "" : derived_from[c]});
    if (derived.size() == 1 && !channel.derived_from.empty()) channel.derived = derived.front();
    if (derived.size() > 1) channel.derived = derived[c];
  }
  return options;
}

std::vector<TriadOptions> triads_of(const Settings& settings) {
  std::vector<TriadOptions> triads;
  for (const std::string& text : settings.get(kTriads)) {
    const auto names = split(text, ',');
    if (names.size() != 3) {
      fail(ErrorCode::bad_config, "'triads' in [data] has '{}', expected three channels: 'x, y, z'",
           text);
    }
    auto& triad = triads.emplace_back();
    for (std::size_t axis = 0; axis < 3; ++axis) triad[axis] = trim(names[axis]);
  }
  return triads;
}

UnequalLength unequal_length_of(const Settings& settings) {
  return kUnequalLengthWords.value(settings.get(kUnequalLength)).value();
}

std::uint64_t seed_of(const Settings& settings) {
  return static_cast<std::uint64_t>(settings.get(kSeed));
}

Settings in_its_folder(const fs::path& file) {
  Settings settings;
  if (file.has_parent_path()) settings.set(kPath, file.parent_path().string());
  return settings;
}

}  // namespace edgeproof::signal
