// Overlaps: the windows of a recording, by start, meet the farthest end of every part so far.
// Identical windows: a hash table of the first window with each content; hits are compared in full.

#include "signal/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "signal/moments.h"

namespace edgeproof::signal {
namespace {

constexpr std::array kParts{Part::train, Part::validation, Part::test, Part::unassigned};

struct PlacedWindow {
  Window window;
  Part part;
};

// Lists all windows, by recording and start.
std::vector<PlacedWindow> windows_of(const Dataset& dataset) {
  std::vector<PlacedWindow> all;
  for (const Window& window : dataset.train) all.push_back({window, Part::train});
  for (const Window& window : dataset.validation) all.push_back({window, Part::validation});
  for (const Window& window : dataset.test) all.push_back({window, Part::test});
  std::ranges::stable_sort(all, {}, [](const PlacedWindow& one) {
    return std::pair(one.window.recording, one.window.start);
  });
  return all;
}

// The recordings of each part: those that it has windows on or, without windows, official ones.
using Members = std::map<Part, std::set<int>>;

Members official_members(const RecordingSet& source) {
  Members members;
  for (std::size_t r = 0; r < source.recordings.size(); ++r) {
    members[source.recordings[r].part].insert(static_cast<int>(r));
  }
  return members;
}

Members members_of(const std::vector<PlacedWindow>& windows) {
  Members members;
  for (const PlacedWindow& one : windows) members[one.part].insert(one.window.recording);
  return members;
}

void add_recording(const Recording& recording, PartSummary& part, Counts& group) {
  std::vector<bool> has(part.classes.size());
  for (const std::int32_t label : recording.labels) {
    if (label < 0) continue;
    ++part.classes[label].samples;
    has[label] = true;
  }
  for (const Event& event : recording.events) {
    if (event.label < 0) continue;
    ++part.classes[event.label].events;
    ++part.all.events;
    ++group.events;
    has[event.label] = true;
  }
  for (std::size_t c = 0; c < has.size(); ++c) part.classes[c].recordings += has[c] ? 1 : 0;
  for (Counts* counts : {&part.all, &group}) {
    ++counts->recordings;
    counts->samples += recording.length();
  }
}

std::vector<PartSummary> summarize_parts(const RecordingSet& source, const Members& members,
                                         const std::vector<PlacedWindow>& windows) {
  std::vector<PartSummary> parts;
  for (const Part which : kParts) {
    const auto found = members.find(which);
    if (found == members.end()) continue;
    PartSummary part{.part = which, .all = {}, .classes = {}, .groups = {}};
    for (const std::string& name : source.classes) part.classes.push_back({.name = name});
    std::map<int, Counts> groups;
    for (const int r : found->second) {
      const Recording& recording = source.recordings[r];
      add_recording(recording, part, groups[recording.group]);
    }
    for (const PlacedWindow& one : windows) {
      if (one.part != which) continue;
      ++part.all.windows;
      ++part.classes[one.window.label].windows;
      ++groups[source.recordings[one.window.recording].group].windows;
    }
    for (auto& [group, counts] : groups) {
      counts.name = source.group_names[group];
      part.groups.push_back(counts);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

ChannelSummary summarize_channel(const RecordingSet& source, std::size_t channel) {
  const std::size_t channels = source.channels.size();
  ChannelSummary out{.name = source.channels[channel].name, .unit = source.channels[channel].unit};
  std::int64_t total = 0;
  Moments known;
  double min = std::numeric_limits<double>::infinity(), max = -min;
  for (const Recording& recording : source.recordings) {
    for (std::size_t at = channel; at < recording.samples.size(); at += channels) {
      ++total;
      const auto value = static_cast<double>(recording.samples[at]);
      if (std::isnan(value)) continue;
      known.add(value);
      min = std::min(min, value);
      max = std::max(max, value);
    }
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  const bool empty = known.count() == 0;
  out.missing =
      total == 0 ? 0 : static_cast<double>(total - known.count()) / static_cast<double>(total);
  out.min = empty ? none : min;
  out.max = empty ? none : max;
  out.mean = empty ? none : known.mean();
  out.sd = empty ? none : known.sd();
  out.constant = empty || min == max;
  return out;
}

// Leaks of one kind, one entry for each pair of parts.
class LeakTable {
 public:
  explicit LeakTable(LeakKind kind) : kind_(kind) {}

  // `example` is called for the first of a pair only.
  template <typename Example>
  void add(Part a, Part b, Example example) {
    Leak& leak = leaks_[{std::min(a, b, in_order), std::max(a, b, in_order)}];
    if (leak.count++ == 0) {
      leak.kind = kind_;
      leak.first = std::min(a, b, in_order);
      leak.second = std::max(a, b, in_order);
      leak.example = example();
    }
  }

  void append_to(std::vector<Leak>& leaks) const {
    for (const auto& [parts, leak] : leaks_) leaks.push_back(leak);
  }

 private:
  static bool in_order(Part a, Part b) {
    return std::ranges::find(kParts, a) < std::ranges::find(kParts, b);
  }
  LeakKind kind_;
  std::map<std::pair<Part, Part>, Leak> leaks_;
};

void find_shared_groups(const std::vector<PartSummary>& parts, std::vector<Leak>& leaks) {
  LeakTable table(LeakKind::shared_group);
  for (std::size_t a = 0; a < parts.size(); ++a) {
    for (std::size_t b = a + 1; b < parts.size(); ++b) {
      if (parts[a].part == Part::unassigned || parts[b].part == Part::unassigned) continue;
      for (const Counts& group : parts[a].groups) {
        const bool shared =
            std::ranges::find(parts[b].groups, group.name, &Counts::name) != parts[b].groups.end();
        if (shared) table.add(parts[a].part, parts[b].part, [&] { return group.name; });
      }
    }
  }
  table.append_to(leaks);
}

std::string described(const RecordingSet& source, const Window& a, const Window& b) {
  return fmt::format("{} at {} and {} at {}", source.recordings[a.recording].name, a.start,
                     source.recordings[b.recording].name, b.start);
}

// Counts, for a pair of parts, how often a window begins within one of the other part.
void find_overlaps(const Dataset& dataset, const std::vector<PlacedWindow>& windows,
                   std::vector<Leak>& leaks) {
  LeakTable table(LeakKind::overlapping_windows);
  std::array<const PlacedWindow*, kParts.size()> last{};  // of each part
  for (const PlacedWindow& one : windows) {
    for (const PlacedWindow* other : last) {
      if (other == nullptr || other->part == one.part ||
          other->window.recording != one.window.recording ||
          one.window.start >= other->window.start + dataset.window_length) {
        continue;
      }
      table.add(one.part, other->part,
                [&] { return described(dataset.source, other->window, one.window); });
    }
    last[static_cast<std::size_t>(one.part)] = &one;
  }
  table.append_to(leaks);
}

std::string_view bytes_of(const Dataset& dataset, const Window& window) {
  const std::size_t channels = dataset.source.channels.size();
  const std::vector<float>& samples = dataset.source.recordings[window.recording].samples;
  const float* begin = samples.data() + static_cast<std::size_t>(window.start) * channels;
  const std::size_t size =
      static_cast<std::size_t>(dataset.window_length) * channels * sizeof(float);
  return {reinterpret_cast<const char*>(begin), size};
}

bool all_missing(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof(float));
    if (!std::isnan(value)) return false;
  }
  return true;
}

void find_identical(const Dataset& dataset, const std::vector<PlacedWindow>& windows,
                    std::vector<Leak>& leaks) {
  LeakTable table(LeakKind::identical_windows);
  // The first window of each part with a content. Keys are views into the recordings.
  std::array<std::unordered_map<std::string_view, const Window*>, 3> seen;
  constexpr std::array kSplit{Part::train, Part::validation, Part::test};
  for (const PlacedWindow& one : windows) {
    const auto part =
        static_cast<std::size_t>(std::ranges::find(kSplit, one.part) - kSplit.begin());
    seen[part].emplace(bytes_of(dataset, one.window), &one.window);
  }
  for (const PlacedWindow& one : windows) {
    const std::string_view bytes = bytes_of(dataset, one.window);
    for (std::size_t p = 0; p < kSplit.size() && kSplit[p] != one.part; ++p) {
      const auto found = seen[p].find(bytes);
      if (found == seen[p].end() || all_missing(bytes)) continue;
      table.add(kSplit[p], one.part,
                [&] { return described(dataset.source, *found->second, one.window); });
    }
  }
  table.append_to(leaks);
}

void find_window_leaks(const Dataset& dataset, const std::vector<PlacedWindow>& windows,
                       std::vector<Leak>& leaks) {
  find_overlaps(dataset, windows, leaks);
  find_identical(dataset, windows, leaks);
}

Summary summarize_source(const RecordingSet& source, const Members& members,
                         const std::vector<PlacedWindow>& windows) {
  Summary summary;
  summary.parts = summarize_parts(source, members, windows);
  for (std::size_t c = 0; c < source.channels.size(); ++c) {
    summary.channels.push_back(summarize_channel(source, c));
    summary.missing += summary.channels.back().missing;
  }
  if (!summary.channels.empty()) summary.missing /= static_cast<double>(summary.channels.size());
  find_shared_groups(summary.parts, summary.leaks);
  return summary;
}

}  // namespace

std::string_view part_name(Part part) {
  switch (part) {
    case Part::train:
      return "train";
    case Part::validation:
      return "validation";
    case Part::test:
      return "test";
    default:
      return "unassigned";
  }
}

std::string_view leak_text(LeakKind kind) {
  switch (kind) {
    case LeakKind::shared_group:
      return "the same group";
    case LeakKind::overlapping_windows:
      return "overlapping windows";
    default:
      return "identical windows";
  }
}

Summary summarize(const Dataset& dataset) {
  const std::vector<PlacedWindow> windows = windows_of(dataset);
  Summary summary = summarize_source(dataset.source, members_of(windows), windows);
  find_window_leaks(dataset, windows, summary.leaks);
  return summary;
}

std::vector<Leak> leaks_of(const Dataset& dataset) {
  const std::vector<PlacedWindow> windows = windows_of(dataset);
  std::vector<Leak> leaks;
  find_shared_groups(summarize_parts(dataset.source, members_of(windows), windows), leaks);
  find_window_leaks(dataset, windows, leaks);
  return leaks;
}

Summary summarize(const RecordingSet& source) {
  return summarize_source(source, official_members(source), {});
}

}  // namespace edgeproof::signal
