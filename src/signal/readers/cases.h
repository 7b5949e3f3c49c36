#pragma once

// What the readers of the UCR and UEA archives' formats (ts.h, arff.h) share: files of labelled
// cases, each a short series of one or more channels, already split into training and test.
//
// Each case becomes a recording of one window, in a group of its own ("train-1"), as the archives
// do not say who was recorded.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/enum_words.h"
#include "signal/dataset.h"
#include "signal/readers/names.h"
#include "signal/readers/source_files.h"

namespace edgeproof::signal {

// What becomes of series that are not all of one length: a window has one.
enum class UnequalLength {
  error,
  pad,      // at the end, to the longest of all (Recording::padding)
  repeat,   // from its beginning, until it is as long as the longest of all
  stretch,  // to the longest of all: interpolated linearly, first and last samples kept
  truncate  // to the shortest of all
};

inline constexpr auto kUnequalLengthWords =
    enum_words<UnequalLength>({{UnequalLength::error, "error"},
                               {UnequalLength::pad, "pad"},
                               {UnequalLength::repeat, "repeat"},
                               {UnequalLength::stretch, "stretch"},
                               {UnequalLength::truncate, "truncate"}});

struct CaseOptions {
  std::filesystem::path path = {};  // a folder, or a tar or zip archive
  std::string train_file = {};      // names of files in it
  std::string test_file = {};       // if empty, there is no split
  double rate_hz = 1;
  UnequalLength unequal_length = UnequalLength::pad;
  std::vector<ChannelOptions> channels = {};  // names, if not dim0, dim1, ...
  std::vector<TriadOptions> triads = {};
  std::uint64_t max_file_bytes = std::uint64_t{1} << 30;
};

// One case as its file has it: series[channel] are its values, NaN where missing.
struct Case {
  std::vector<std::vector<float>> series;
  std::int32_t label = 0;
  int line = 0;
};

struct CaseFile {
  std::string place;
  std::vector<std::string> classes;
  std::vector<Case> cases;
};

// A series' numbers, separated by commas; '?' and NaN are missing. Errors name place and line.
std::vector<float> parse_series(std::string_view text, const std::string& place, int line);

// The class's index. Error bad_input if there is no such class.
std::int32_t class_index(std::string_view name, const CaseFile& file, int line);

// Reads the files with `parse`. Errors: classes or numbers of channels that differ, no cases.
RecordingSet read_cases(const CaseOptions& options, CaseFile (*parse)(const SourceFile& file));

}  // namespace edgeproof::signal
