#pragma once

// Which windows train, validate and test. A step of make_dataset (signal/windows.h).

#include <cstdint>
#include <string>
#include <vector>

#include "core/enum_words.h"
#include "signal/dataset.h"

namespace edgeproof::signal {

enum class SplitBy {
  automatic,  // groups where test_groups names some, else official where there is such a split,
              // else fractions
  official,   // as the data set's authors made it
  groups,     // the groups named in test_groups test
  fractions,  // a share of the groups, drawn
  time        // every recording by itself: its last part tests, the part before it validates
};

inline constexpr auto kSplitByWords = enum_words<SplitBy>({{SplitBy::automatic, "auto"},
                                                           {SplitBy::official, "official"},
                                                           {SplitBy::groups, "groups"},
                                                           {SplitBy::fractions, "fractions"},
                                                           {SplitBy::time, "time"}});

struct SplitOptions {
  SplitBy by = SplitBy::automatic;
  std::vector<std::string> test_groups = {};        // for SplitBy::groups
  std::vector<std::string> validation_groups = {};  // if empty, they are drawn
  double test_fraction = 0.25;  // of all groups, or, for SplitBy::time, of each recording
  // Of the groups, or of the time, that are not for testing; 0: no validation part.
  double validation_fraction = 0.2;
  std::uint64_t seed = 1;
};

// The way that the options mean on this data set, never `automatic`. A data set has an official
// split if each of its recordings is in a part, some in training and some in test. Error bad_config
// for `automatic` where some recordings are in a part and others are not.
SplitBy resolve_split(const RecordingSet& source, const SplitOptions& options);

// In words, for people: "the official split: ...; validation: 20 % of the training groups, drawn
// with seed 1". Errors as of resolve_split().
std::string split_text(const RecordingSet& source, const SplitOptions& options);

// Distributes the windows over the parts of the data set; its `train` holds all of them before.
//
// Draws are stratified: where every group has windows of one class only, each class gives its share
// of groups, one at least as long as another stays; elsewhere groups are drawn again until every
// class has at least half and at most twice its share of windows in both parts, and the best of 200
// draws is taken if none is so (a class of a single group may stay in training). Windows that reach
// over the end of a part in time, or begin less than a window after it, are left out.
//
// Errors: bad_config for options that the data cannot satisfy.
void split_windows(Dataset& dataset, const SplitOptions& options);

}  // namespace edgeproof::signal
