#pragma once

// Recordings from CSV files: one row a sample, a header line, one column a channel.
//
// A file begins a recording; so do a change of group and a gap of more than max_gap_s. A shorter
// gap (a step of more than 1.5 sample periods) is filled with missing samples that carry the label
// before it. Empty cells, "nan" and "NA" are missing samples. Rows are taken as evenly spaced:
// nothing is resampled. Labels and groups are names; an empty label is none. Without a group
// column, each file is a group.

#include <filesystem>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/names.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct CsvOptions {
  std::vector<std::filesystem::path> paths = {};
  double rate_hz = 0;            // 0: from the time column, the median step
  std::string time_column = {};  // if there is one
  double time_unit_s = 1;        // seconds that one unit of it lasts; 0.001 for milliseconds
  std::string label_column = {};
  std::string group_column = {};
  std::vector<ChannelOptions> channels = {};  // if empty: all other columns
  std::vector<TriadOptions> triads = {};
  char separator = ',';
  double max_gap_s = 10;
};

// Errors name file, line and column: columns that are missing or named twice, ragged rows, cells
// that are not finite numbers, times that do not increase within a recording or that contradict
// rate_hz.
RecordingSet read_csv(const CsvOptions& options);

// Its entry in registry.cpp.
Source csv_source();

}  // namespace edgeproof::signal
