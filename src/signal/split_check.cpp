// Test: split_test.cpp.

#include "signal/split_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "signal/summary.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kNamed = 6;  // classes that a sentence names

std::vector<std::int64_t> windows_by_class(const Dataset& dataset,
                                           const std::vector<Window>& windows) {
  std::vector<std::int64_t> counts(dataset.source.classes.size(), 0);
  for (const Window& window : windows) ++counts[static_cast<std::size_t>(window.label)];
  return counts;
}

// "'F' (7), 'Q' (5) and 3 more".
std::string list_of(const std::vector<std::string>& names,
                    const std::vector<std::int64_t>& counts) {
  std::vector<std::string> texts;
  for (std::size_t c = 0; c < names.size() && c < kNamed; ++c) {
    texts.push_back(fmt::format("'{}' ({})", names[c], counts[c]));
  }
  std::string text = join(texts, ", ");
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

class Checker {
 public:
  explicit Checker(const Dataset& dataset)
      : dataset_(dataset),
        train_(windows_by_class(dataset, dataset.train)),
        validation_(windows_by_class(dataset, dataset.validation)),
        test_(windows_by_class(dataset, dataset.test)) {}

  std::vector<SplitFinding> check() {
    add_classes(SplitProblem::unseen_class,
                "classes that are tested, but that training never sees, which no model can get "
                "right (test windows): ",
                test_, [&](std::size_t c) { return test_[c] > 0 && train_[c] == 0; });
    add_leaks();
    add_test_group();
    if (!dataset_.validation.empty()) {
      add_classes(SplitProblem::unvalidated_class,
                  "classes without validation windows, so that the best epoch is chosen without "
                  "them (training windows): ",
                  train_, [&](std::size_t c) {
                    return train_[c] > 0 && test_[c] > 0 && validation_[c] == 0;
                  });
    }
    add_classes(SplitProblem::untested_class,
                "classes that are trained, but never tested (training windows): ", train_,
                [&](std::size_t c) { return train_[c] > 0 && test_[c] == 0; });
    add_padded();
    add_few("training", train_);
    add_few("test", test_);
    return std::move(findings_);
  }

 private:
  template <typename Choice>
  void add_classes(SplitProblem problem, std::string_view text,
                   const std::vector<std::int64_t>& counts, const Choice& chosen) {
    std::vector<std::string> names;
    std::vector<std::int64_t> of_names;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (!chosen(c)) continue;
      names.push_back(dataset_.source.classes[c]);
      of_names.push_back(counts[c]);
    }
    if (!names.empty()) {
      findings_.push_back({problem, fmt::format("{}{}", text, list_of(names, of_names))});
    }
  }

  void add_few(std::string_view part, const std::vector<std::int64_t>& counts) {
    add_classes(SplitProblem::few_windows,
                fmt::format("classes with fewer than {} {} windows: ", kFewWindows, part), counts,
                [&](std::size_t c) { return counts[c] > 0 && counts[c] < kFewWindows; });
  }

  void add_padded() {
    std::int64_t windows = 0, shortest = dataset_.window_length;
    for (const auto* part : {&dataset_.train, &dataset_.validation, &dataset_.test}) {
      for (const Window& window : *part) {
        const Recording& recording = dataset_.source.recordings[window.recording];
        windows += recording.padding > 0 ? 1 : 0;
        shortest = std::min<std::int64_t>(shortest, recording.length() - recording.padding);
      }
    }
    if (windows == 0) return;
    findings_.push_back(
        {SplitProblem::padded_windows,
         fmt::format(
             "{} windows have fewer than {} samples, {} at least, and are filled up with the "
             "channels' means, as the device must do it ('unequal_length' in [data])",
             windows, dataset_.window_length, shortest)});
  }

  void add_test_group() {
    std::set<int> groups;
    for (const Window& window : dataset_.test) {
      groups.insert(dataset_.source.recordings[window.recording].group);
    }
    if (groups.size() != 1) return;
    findings_.push_back(
        {SplitProblem::one_test_group,
         fmt::format("all test windows are of one group ('{}'): intervals know nothing of how "
                     "other groups (people, machines, sessions) would differ",
                     dataset_.source.group_names[*groups.begin()])});
  }

  void add_leaks() {
    for (const Leak& leak : leaks_of(dataset_)) {
      const bool tests = leak.first == Part::train && leak.second == Part::test;
      if (leak.kind == LeakKind::shared_group && !tests) continue;  // says it once
      const std::string parts = fmt::format("in {} and {}: {}, such as {}", part_name(leak.first),
                                            part_name(leak.second), leak.count, leak.example);
      findings_.push_back(
          {SplitProblem::leak,
           leak.kind == LeakKind::shared_group
               ? fmt::format("the same groups (people, machines, sessions) are {}: results say "
                             "nothing of other ones",
                             parts)
               : fmt::format("the split leaks, {} are {}", leak_text(leak.kind), parts)});
    }
  }

  const Dataset& dataset_;
  std::vector<std::int64_t> train_, validation_, test_;
  std::vector<SplitFinding> findings_;
};

}  // namespace

void expect_seen_classes(const Dataset& dataset) {
  const auto train = windows_by_class(dataset, dataset.train);
  const auto test = windows_by_class(dataset, dataset.test);
  for (std::size_t c = 0; c < test.size(); ++c) {
    if (test[c] > 0 && train[c] > 0) return;
  }
  fail(ErrorCode::bad_config,
       "split: no class in the test part of data set '{}' is in its training part, so that every "
       "model would always be wrong; name what is the same for all classes (a person, a load, a "
       "session) as the group, or split each recording in time with by = \"time\" in [split]",
       dataset.source.name);
}

std::vector<SplitFinding> check_split(const Dataset& dataset) {
  return Checker(dataset).check();
}

}  // namespace edgeproof::signal
