// Every group has one uniform number, drawn by its index; the groups with the smallest ones are
// taken. So asking for more groups of a first draw keeps those already chosen. Test:
// split_test.cpp.

#include "signal/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

constexpr int kMostDraws = 200;
constexpr double kMostDeviation = 2;  // of a class' share in a part from the part's share of all

// Windows of each class.
using ClassCounts = std::vector<std::int64_t>;

std::int64_t sum(const ClassCounts& counts) {
  std::int64_t all = 0;
  for (const std::int64_t count : counts) all += count;
  return all;
}

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

struct Official {
  bool some = false;      // recordings are in a part
  bool complete = false;  // all are, and both training and test have some
  std::string outside;    // a recording in no part
};

Official official_of(const RecordingSet& source) {
  Official found;
  bool train = false, test = false;
  for (const Recording& recording : source.recordings) {
    train |= recording.part == Part::train;
    test |= recording.part == Part::test;
    if (recording.part == Part::unassigned) {
      found.outside = recording.name;
    } else {
      found.some = true;
    }
  }
  found.complete = train && test && found.outside.empty();
  return found;
}

// Splits one data set by its groups.
class GroupSplit {
 public:
  GroupSplit(const Dataset& dataset, const SplitOptions& options)
      : source_(dataset.source),
        options_(options),
        parts_(source_.recordings.size(), Part::train),
        windows_(source_.group_names.size(), ClassCounts(source_.classes.size(), 0)) {
    for (const Window& window : dataset.train) {
      ++windows_[static_cast<std::size_t>(source_.recordings[window.recording].group)]
                [static_cast<std::size_t>(window.label)];
    }
  }

  // The part of every recording.
  std::vector<Part> parts(SplitBy by) {
    if (by == SplitBy::official) {
      take_official();
    } else if (by == SplitBy::groups) {
      if (options_.test_groups.empty()) fail_without_groups();
      assign(groups_by_name(source_, options_.test_groups), Part::test);
    } else {
      expect_fraction("test_fraction", options_.test_fraction, false);
      assign(draw(options_.test_fraction, "test"), Part::test);
    }
    choose_validation();
    return std::move(parts_);
  }

 private:
  void take_official() {
    const Official found = official_of(source_);
    if (!found.outside.empty()) {
      fail(ErrorCode::bad_config,
           "split: data set '{}' has no official split (recording '{}' is in no part); give "
           "'by' in [split] as \"groups\", \"fractions\" or \"time\"",
           source_.name, found.outside);
    }
    for (std::size_t r = 0; r < parts_.size(); ++r) parts_[r] = source_.recordings[r].part;
  }

  [[noreturn]] void fail_without_groups() const {
    constexpr std::size_t kShown = 8;
    std::vector<std::string> names = source_.group_names;
    if (names.size() > kShown) {
      names.resize(kShown);
      names.emplace_back("...");
    }
    fail(ErrorCode::bad_config,
         "split: by groups, but 'test_groups' in [split] names none; data set '{}' has {}",
         source_.name, join(names, ", "));
  }

  void choose_validation() {
    if (!options_.validation_groups.empty()) {
      const std::vector<int> chosen = groups_by_name(source_, options_.validation_groups);
      const std::vector<int> testing = groups_in(Part::test);
      for (const int group : chosen) {
        if (std::ranges::find(testing, group) == testing.end()) continue;
        fail(ErrorCode::bad_config, "split: group '{}' cannot validate, it is for testing",
             source_.group_names[group]);
      }
      assign(chosen, Part::validation);
    } else if (std::ranges::find(parts_, Part::validation) == parts_.end()) {
      expect_fraction("validation_fraction", options_.validation_fraction, true);
      if (options_.validation_fraction == 0) return;
      assign(draw(options_.validation_fraction, "validation"), Part::validation);
    }
  }

  // The groups with windows that are still in `part`.
  std::vector<int> groups_in(Part part) const {
    std::vector<bool> present(source_.group_names.size());
    for (std::size_t r = 0; r < parts_.size(); ++r) {
      if (parts_[r] == part) present[source_.recordings[r].group] = true;
    }
    std::vector<int> groups;
    for (std::size_t g = 0; g < present.size(); ++g) {
      if (present[g] && sum(windows_[g]) > 0) groups.push_back(static_cast<int>(g));
    }
    return groups;
  }

  // Moves the recordings of `groups` that are for training to `part`.
  void assign(const std::vector<int>& groups, Part part) {
    for (std::size_t r = 0; r < parts_.size(); ++r) {
      const bool chosen = std::ranges::find(groups, source_.recordings[r].group) != groups.end();
      if (chosen && parts_[r] == Part::train) parts_[r] = part;
    }
  }

  // The only class of a group's windows; none if it has several.
  std::optional<std::size_t> only_class(int group) const {
    const ClassCounts& counts = windows_[static_cast<std::size_t>(group)];
    const auto first = std::ranges::find_if(counts, [](std::int64_t n) { return n > 0; });
    if (sum(counts) != *first) return std::nullopt;
    return static_cast<std::size_t>(first - counts.begin());
  }

  // The first `count` groups in the order of their numbers in so-manieth draw.
  std::vector<int> first_drawn(std::vector<int> groups, int count, std::uint32_t draw) const {
    const CounterRng rng(options_.seed, "split");
    const auto number = [&](int group) {
      return draw == 0 ? rng.uniform(static_cast<std::uint32_t>(group))
                       : rng.uniform(static_cast<std::uint32_t>(group), draw);
    };
    std::ranges::stable_sort(groups, {}, number);
    groups.resize(static_cast<std::size_t>(count));
    return groups;
  }

  static int share_of(std::size_t count, double fraction) {
    const auto all = static_cast<int>(count);
    return std::clamp(static_cast<int>(std::lround(fraction * all)), 1, all - 1);
  }

  // `fraction` of the training groups, at least one and not all of them.
  std::vector<int> draw(double fraction, const char* part) const {
    const std::vector<int> groups = groups_in(Part::train);
    if (groups.size() < 2) {
      fail(ErrorCode::bad_config,
           "split: data set '{}' has {} group(s) left to draw the {} part from, at least 2 are "
           "needed; name what tells persons, machines or sessions apart as the group, or split "
           "each recording in time with by = \"time\" in [split]",
           source_.name, groups.size(), part);
    }
    std::map<std::size_t, std::vector<int>> of_class;
    for (const int group : groups) {
      const auto only = only_class(group);
      if (!only) return draw_mixed(groups, fraction);
      of_class[*only].push_back(group);
    }
    return draw_by_class(of_class, fraction, part);
  }

  // Each class' share of its groups. A class of one group stays in training.
  std::vector<int> draw_by_class(const std::map<std::size_t, std::vector<int>>& of_class,
                                 double fraction, const char* part) const {
    std::vector<int> drawn;
    for (const auto& [name, groups] : of_class) {
      if (groups.size() < 2) continue;
      const auto some = first_drawn(groups, share_of(groups.size(), fraction), 0);
      drawn.insert(drawn.end(), some.begin(), some.end());
    }
    if (drawn.empty()) {
      fail(ErrorCode::bad_config,
           "split: every class of data set '{}' is in one group alone, so that a {} part of whole "
           "groups would have classes that training has not seen; split each recording in time "
           "with by = \"time\" in [split]",
           source_.name, part);
    }
    return drawn;
  }

  // Draws until both parts have every class in about its share; else the best draw.
  std::vector<int> draw_mixed(const std::vector<int>& groups, double fraction) const {
    const int count = share_of(groups.size(), fraction);
    std::vector<int> best;
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t attempt = 0; attempt < kMostDraws; ++attempt) {
      std::vector<int> drawn = first_drawn(groups, count, attempt);
      const double found = deviation(groups, drawn);
      if (found >= least) continue;
      least = found;
      best = std::move(drawn);
      if (least <= std::log(kMostDeviation)) break;
    }
    return best;
  }

  // The largest logarithm, over classes and both sides of a draw, of a class' share of windows to
  // the side's share of all windows. A class that is missing from a side counts more than all that,
  // but not one of a single group that stays in training.
  double deviation(const std::vector<int>& groups, const std::vector<int>& drawn) const {
    constexpr double kMissing = 100;
    ClassCounts all(source_.classes.size(), 0), inside = all, groups_with = all;
    for (const int group : groups) {
      const bool in = std::ranges::find(drawn, group) != drawn.end();
      for (std::size_t c = 0; c < all.size(); ++c) {
        const std::int64_t windows = windows_[static_cast<std::size_t>(group)][c];
        all[c] += windows;
        inside[c] += in ? windows : 0;
        groups_with[c] += windows > 0 ? 1 : 0;
      }
    }
    const double share = static_cast<double>(sum(inside)) / static_cast<double>(sum(all));
    const auto logarithm = [](std::int64_t part, std::int64_t of, double expected) {
      return std::abs(std::log(static_cast<double>(part) / static_cast<double>(of) / expected));
    };
    double largest = 0, missing = 0;
    for (std::size_t c = 0; c < all.size(); ++c) {
      const std::int64_t outside = all[c] - inside[c];
      if (all[c] > 0 && outside == 0) missing += kMissing;
      if (groups_with[c] > 1 && inside[c] == 0) missing += kMissing;
      if (inside[c] == 0 || outside == 0) continue;
      largest = std::max(
          {largest, logarithm(inside[c], all[c], share), logarithm(outside, all[c], 1 - share)});
    }
    return missing + largest;
  }

  const RecordingSet& source_;
  const SplitOptions& options_;
  std::vector<Part> parts_;
  std::vector<ClassCounts> windows_;  // [group]
};

// Of a recording of `length` samples: where training and validation end.
struct Ends {
  std::int64_t train = 0, validation = 0;
};

Ends ends_in_time(int length, const SplitOptions& options) {
  const double before_test = length * (1 - options.test_fraction);
  return {std::lround(before_test * (1 - options.validation_fraction)), std::lround(before_test)};
}

// The part of a window; unassigned if it is in none.
Part part_in_time(const Window& window, int window_length, const Ends& ends) {
  const std::int64_t start = window.start, end = start + window_length;
  if (end <= ends.train) return Part::train;
  if (start >= ends.train + window_length && end <= ends.validation) return Part::validation;
  if (start >= ends.validation + window_length) return Part::test;
  return Part::unassigned;
}

void check_time(const RecordingSet& source, const SplitOptions& options) {
  expect_fraction("test_fraction", options.test_fraction, false);
  expect_fraction("validation_fraction", options.validation_fraction, true);
  if (!options.validation_groups.empty()) {
    fail(
        ErrorCode::bad_config,
        "split: 'validation_groups' does not go with by = \"time\", which takes validation windows "
        "from every recording; leave it out");
  }
  if (source.cut) {
    fail(ErrorCode::bad_config,
         "split: data set '{}' comes cut into windows, which have no order in time; give 'by' in "
         "[split] as \"groups\" or \"fractions\"",
         source.name);
  }
}

std::string percent(double share) {
  return fmt::format("{:.4g} %", 100 * share);
}

std::string validation_text(const SplitOptions& options, bool has_one) {
  if (!options.validation_groups.empty()) {
    return fmt::format("; validation groups: {}", join(options.validation_groups, ", "));
  }
  if (has_one) return "";
  if (options.validation_fraction == 0) return "; no validation part";
  return fmt::format("; validation: {} of the training groups, drawn with seed {}",
                     percent(options.validation_fraction), options.seed);
}

}  // namespace

SplitBy resolve_split(const RecordingSet& source, const SplitOptions& options) {
  if (options.by != SplitBy::automatic) return options.by;
  if (!options.test_groups.empty()) return SplitBy::groups;
  const Official found = official_of(source);
  if (found.complete) return SplitBy::official;
  if (found.some && !found.outside.empty()) {
    fail(ErrorCode::bad_config,
         "split: data set '{}' has an official split of some recordings alone ('{}' is in no "
         "part); give 'by' in [split]",
         source.name, found.outside);
  }
  return SplitBy::fractions;
}

std::string split_text(const RecordingSet& source, const SplitOptions& options) {
  switch (resolve_split(source, options)) {
    case SplitBy::official: {
      const bool validates = std::ranges::any_of(
          source.recordings, [](const Recording& r) { return r.part == Part::validation; });
      const std::string note =
          source.official_split.empty() ? "as published" : source.official_split;
      return fmt::format("the official split ({}){}", note, validation_text(options, validates));
    }
    case SplitBy::groups:
      return fmt::format("test groups: {}{}", join(options.test_groups, ", "),
                         validation_text(options, false));
    case SplitBy::time:
      return fmt::format("each recording in time: its last {} test{}, with gaps of one window",
                         percent(options.test_fraction),
                         options.validation_fraction == 0
                             ? ""
                             : fmt::format(", the {} of the rest before them validate",
                                           percent(options.validation_fraction)));
    case SplitBy::automatic:
    case SplitBy::fractions:
      break;
  }
  return fmt::format("{} of {} groups, drawn for testing with seed {}{}",
                     percent(options.test_fraction), source.group_names.size(), options.seed,
                     validation_text(options, false));
}

void split_windows(Dataset& dataset, const SplitOptions& options) {
  const RecordingSet& source = dataset.source;
  const SplitBy by = resolve_split(source, options);
  std::vector<Part> parts;
  if (by == SplitBy::time) {
    check_time(source, options);
  } else {
    parts = GroupSplit(dataset, options).parts(by);
  }
  for (const Window& window : std::exchange(dataset.train, {})) {
    const auto r = static_cast<std::size_t>(window.recording);
    switch (by == SplitBy::time ? part_in_time(window, dataset.window_length,
                                               ends_in_time(source.recordings[r].length(), options))
                                : parts[r]) {
      case Part::train:
        dataset.train.push_back(window);
        break;
      case Part::validation:
        dataset.validation.push_back(window);
        break;
      case Part::test:
        dataset.test.push_back(window);
        break;
      case Part::unassigned:
        break;
    }
  }
}

}  // namespace edgeproof::signal
