// Every group has one uniform number, drawn by its index; the groups with the smallest ones are
// taken. So asking for more groups keeps those already chosen. Test: windows_test.cpp.

#include "signal/split.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

std::vector<int> groups_by_name(const RecordingSet& source, const std::vector<std::string>& names) {
  std::vector<int> groups;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(source.group_names, name);
    if (found == source.group_names.end()) {
      fail(ErrorCode::bad_config, "split: data set '{}' has no group '{}'{}", source.name, name,
           did_you_mean(name, source.group_names));
    }
    groups.push_back(static_cast<int>(found - source.group_names.begin()));
  }
  return groups;
}

void expect_fraction(const char* name, double value, bool zero_is_fine) {
  if (!(value < 1) || !(zero_is_fine ? value >= 0 : value > 0)) {
    fail(ErrorCode::bad_config, "split: {} is {}, expected a number {} and below 1", name, value,
         zero_is_fine ? "from 0" : "above 0");
  }
}

// `fraction` of the groups, at least one and not all of them.
std::vector<int> draw(const RecordingSet& source, std::vector<int> groups, double fraction,
                      const char* part, std::uint64_t seed) {
  const auto count = static_cast<int>(groups.size());
  if (count < 2) {
    fail(ErrorCode::bad_config,
         "split: data set '{}' has {} group(s) left to draw the {} part from, at least 2 are "
         "needed; "
         "name what tells persons, machines or sessions apart as the group",
         source.name, count, part);
  }
  const CounterRng rng(seed, "split");
  std::ranges::stable_sort(
      groups, {}, [&](int group) { return rng.uniform(static_cast<std::uint32_t>(group)); });
  groups.resize(std::clamp(static_cast<int>(std::lround(fraction * count)), 1, count - 1));
  return groups;
}

// The groups of the recordings that are still in `part`.
std::vector<int> groups_in(const RecordingSet& source, const std::vector<bool>& in_use,
                           const std::vector<Part>& parts, Part part) {
  std::vector<bool> present(source.group_names.size());
  for (std::size_t r = 0; r < parts.size(); ++r) {
    if (parts[r] == part) present[source.recordings[r].group] = true;
  }
  std::vector<int> groups;
  for (std::size_t g = 0; g < present.size(); ++g) {
    if (present[g] && in_use[g]) groups.push_back(static_cast<int>(g));
  }
  return groups;
}

// Moves the recordings of `groups` that are for training to `part`.
void assign(const RecordingSet& source, const std::vector<int>& groups, Part part,
            std::vector<Part>& parts) {
  for (std::size_t r = 0; r < parts.size(); ++r) {
    const bool chosen = std::ranges::find(groups, source.recordings[r].group) != groups.end();
    if (chosen && parts[r] == Part::train) parts[r] = part;
  }
}

std::vector<Part> official(const RecordingSet& source) {
  std::vector<Part> parts;
  for (const Recording& recording : source.recordings) {
    if (recording.part == Part::unassigned) {
      fail(ErrorCode::bad_config,
           "split: data set '{}' has no official split (recording '{}' is in no part); split by "
           "groups or fractions",
           source.name, recording.name);
    }
    parts.push_back(recording.part);
  }
  return parts;
}

}  // namespace

std::vector<Part> split_recordings(const RecordingSet& source, const std::vector<bool>& in_use,
                                   const SplitOptions& options) {
  std::vector<Part> parts(source.recordings.size(), Part::train);
  if (options.by == SplitBy::official) {
    parts = official(source);
  } else if (options.by == SplitBy::groups) {
    assign(source, groups_by_name(source, options.test_groups), Part::test, parts);
  } else {
    expect_fraction("test_fraction", options.test_fraction, false);
    assign(source,
           draw(source, groups_in(source, in_use, parts, Part::train), options.test_fraction,
                "test", options.seed),
           Part::test, parts);
  }

  if (!options.validation_groups.empty()) {
    const std::vector<int> chosen = groups_by_name(source, options.validation_groups);
    const std::vector<int> testing = groups_in(source, in_use, parts, Part::test);
    for (const int group : chosen) {
      if (std::ranges::find(testing, group) != testing.end()) {
        fail(ErrorCode::bad_config, "split: group '{}' cannot validate, it is for testing",
             source.group_names[group]);
      }
    }
    assign(source, chosen, Part::validation, parts);
  } else if (std::ranges::find(parts, Part::validation) == parts.end()) {
    expect_fraction("validation_fraction", options.validation_fraction, true);
    if (options.validation_fraction > 0) {
      assign(source,
             draw(source, groups_in(source, in_use, parts, Part::train),
                  options.validation_fraction, "validation", options.seed),
             Part::validation, parts);
    }
  }
  return parts;
}

}  // namespace edgeproof::signal
