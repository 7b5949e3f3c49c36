#pragma once

// What is in a data set, and whether its split leaks: the table of `edgeproof data info`, as a
// value.
//
// A recording belongs to each part that has a window on it; without windows (a RecordingSet), to
// its official part. Missing samples, ranges and moments are over all samples of all recordings.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

struct Counts {
  std::string name = {};  // of the class or group
  std::int64_t recordings = 0;
  std::int64_t samples = 0;  // of a class: those with its label
  std::int64_t events = 0;   // labelled ones
  std::int64_t windows = 0;
};

struct PartSummary {
  Part part = Part::unassigned;
  Counts all;
  std::vector<Counts> classes;  // every class, also those that are not in this part
  std::vector<Counts> groups;   // only those in this part
};

struct ChannelSummary {
  std::string name, unit;
  double missing = 0;                         // share of its samples
  double min = 0, max = 0, mean = 0, sd = 0;  // NaN if all is missing
  bool constant = false;                      // one value throughout, or nothing
};

enum class LeakKind {
  shared_group,         // one person, machine or session is in both parts
  overlapping_windows,  // windows of both parts share samples
  identical_windows     // windows of both parts have the same values
};

struct Leak {
  LeakKind kind = LeakKind::shared_group;
  Part first = Part::train, second = Part::test;
  std::int64_t count = 0;  // of groups or windows
  std::string example;     // "201/202", "r1 at 0 and r2 at 64"
};

struct Summary {
  std::vector<PartSummary> parts;  // those that have recordings: train, validation, test, none
  std::vector<ChannelSummary> channels;
  double missing = 0;  // share of all values
  std::vector<Leak> leaks;
};

std::string_view part_name(Part part);
std::string_view leak_text(LeakKind kind);  // "the same group"

// Windows of nothing but missing values are not compared.
Summary summarize(const Dataset& dataset);

// Its leaks alone, without a look at all samples.
std::vector<Leak> leaks_of(const Dataset& dataset);

// Without windows: shared groups are the only leaks that can be told.
Summary summarize(const RecordingSet& source);

}  // namespace edgeproof::signal
