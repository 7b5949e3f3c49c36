#pragma once

// Which part each group's recordings belong to. A step of make_dataset (signal/windows.h).

#include <cstdint>
#include <string>
#include <vector>

#include "core/enum_words.h"
#include "signal/dataset.h"

namespace edgeproof::signal {

enum class SplitBy { official, groups, fractions };

inline constexpr auto kSplitByWords = enum_words<SplitBy>({{SplitBy::official, "official"},
                                                           {SplitBy::groups, "groups"},
                                                           {SplitBy::fractions, "fractions"}});

struct SplitOptions {
  SplitBy by = SplitBy::fractions;
  std::vector<std::string> test_groups = {};        // for SplitBy::groups
  std::vector<std::string> validation_groups = {};  // if empty, they are drawn
  double test_fraction = 0.25;                      // of all groups, for SplitBy::fractions
  // Of the groups that are not for testing; 0: no validation part.
  double validation_fraction = 0.2;
  std::uint64_t seed = 1;
};

// The part of every recording. Only groups marked in `in_use` (those with windows) are counted and
// drawn.
std::vector<Part> split_recordings(const RecordingSet& source, const std::vector<bool>& in_use,
                                   const SplitOptions& options);

}  // namespace edgeproof::signal
