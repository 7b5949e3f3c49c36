#pragma once

// What is wrong with a split: found before anything is trained on it, and said again wherever its
// results are shown.

#include <string>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

enum class SplitProblem {
  unseen_class,       // tested, but in no training window: always wrong
  unvalidated_class,  // trained and tested, but in no validation window
  untested_class,     // trained, but never tested
  one_test_group,     // intervals cannot tell how other people, machines or sessions differ
  padded_windows,     // shorter than the window, and filled up
  few_windows,        // of a class, in a part: fewer than kFewWindows
  leak                // summary.h: what is tested was trained on
};

// A share of so many windows is known to some 18 points at best.
inline constexpr int kFewWindows = 30;

struct SplitFinding {
  SplitProblem problem;
  std::string text;  // a sentence for people, without a full stop
};

// Error bad_config, naming what mends it, if no class that is tested is in the training part: no
// accuracy on it would say anything.
void expect_seen_classes(const Dataset& dataset);

// The most important ones first. Windows are compared with each other, as by leaks_of():
// seconds for a large data set.
std::vector<SplitFinding> check_split(const Dataset& dataset);

}  // namespace edgeproof::signal
