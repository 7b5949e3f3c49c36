// First every row is parsed, then the rate is known and rows are cut into recordings.

#include "signal/readers/csv.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "signal/readers/csv_records.h"
#include "signal/readers/keys.h"

namespace edgeproof::signal {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr int kMaxChannels = 4096;
constexpr std::size_t kMaxLostValues = 1 << 26;  // that a gap may be filled with

struct Row {
  double time = 0;  // seconds
  std::int32_t label = -1;
  std::int32_t group = 0;
};

// A file's rows and their values, [rows, channels].
struct FileRows {
  std::string name;
  std::vector<Row> rows;
  std::vector<float> values;
};

// Where the columns that are asked for stand.
struct Columns {
  std::optional<std::size_t> time, label, group;
  std::vector<std::size_t> channels;
};

std::optional<std::size_t> find_column(const CsvRecords& file, const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto found = std::ranges::find(file.header(), name);
  if (found == file.header().end()) {
    fail(ErrorCode::bad_input, "{}, line 1: no column '{}'{}", file.path(), name,
         did_you_mean(name, file.header()));
  }
  return static_cast<std::size_t>(found - file.header().begin());
}

Columns find_columns(const CsvRecords& file, const CsvOptions& options,
                     const std::vector<Channel>& channels) {
  Columns columns{.time = find_column(file, options.time_column),
                  .label = find_column(file, options.label_column),
                  .group = find_column(file, options.group_column),
                  .channels = {}};
  for (const Channel& channel : channels) {
    columns.channels.push_back(*find_column(file, channel.name));
  }
  return columns;
}

// Makes a channel of every column that has no other use.
std::vector<ChannelOptions> remaining_columns(const CsvRecords& file, const CsvOptions& options) {
  std::vector<ChannelOptions> channels;
  for (const std::string& name : file.header()) {
    if (name.empty()) {
      fail(ErrorCode::bad_input,
           "{}, line 1: a column has no name; name the columns that are channels", file.path());
    }
    if (name != options.time_column && name != options.label_column &&
        name != options.group_column) {
      channels.push_back({.name = name});
    }
  }
  return channels;
}

bool is_missing(std::string_view cell) {
  const auto is = [&](std::string_view word) {
    return std::ranges::equal(cell, word, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  };
  return cell.empty() || is("nan") || is("na");
}

// A cell as a finite number, or nothing if it is missing.
std::optional<double> number(const CsvRecords& file, std::size_t column) {
  const std::string_view cell = trim(file.fields()[column]);
  if (is_missing(cell)) return std::nullopt;
  const auto value = parse_number(cell);
  if (!value || !std::isfinite(static_cast<float>(*value))) {
    fail(ErrorCode::bad_input,
         "{}, line {}, column '{}': found '{}', expected a finite number (or nothing, nan or NA)",
         file.path(), file.line(), file.header()[column], cell);
  }
  return value;
}

double parse_time(const CsvRecords& file, std::size_t column, double unit_s) {
  const auto time = number(file, column);
  if (!time) {
    fail(ErrorCode::bad_input, "{}, line {}, column '{}': the time is missing", file.path(),
         file.line(), file.header()[column]);
  }
  return *time * unit_s;
}

// Parses what follows the header.
FileRows read_rows(CsvRecords& file, const std::string& name, const Columns& columns,
                   double time_unit_s, NameTable& classes, NameTable& groups) {
  FileRows out{.name = name, .rows = {}, .values = {}};
  const std::int32_t file_group = columns.group ? -1 : groups.index(out.name);
  while (file.next()) {
    Row row{.group = file_group};
    if (columns.group) {
      const std::string_view group = trim(file.fields()[*columns.group]);
      if (group.empty()) {
        fail(ErrorCode::bad_input, "{}, line {}, column '{}': the group is empty", file.path(),
             file.line(), file.header()[*columns.group]);
      }
      row.group = groups.index(group);
    }
    if (columns.label) {
      const std::string_view label = trim(file.fields()[*columns.label]);
      if (!label.empty()) row.label = classes.index(label);
    }
    if (columns.time) {
      row.time = parse_time(file, *columns.time, time_unit_s);
      const bool goes_on = !out.rows.empty() && out.rows.back().group == row.group;
      if (goes_on && row.time <= out.rows.back().time) {
        fail(ErrorCode::bad_input,
             "{}, line {}, column '{}': the time goes from {} to {} s, expected it to increase",
             file.path(), file.line(), file.header()[*columns.time], out.rows.back().time,
             row.time);
      }
    }
    out.rows.push_back(row);
    for (const std::size_t column : columns.channels) {
      const auto value = number(file, column);
      out.values.push_back(value ? static_cast<float>(*value) : kMissing);
    }
  }
  if (out.rows.empty()) fail(ErrorCode::bad_input, "{}: no rows after the header", file.path());
  return out;
}

// The sampling rate that the median step within recordings gives, without the noise of decimal
// times.
double median_rate(const std::vector<FileRows>& files) {
  std::vector<double> steps;
  for (const FileRows& file : files) {
    for (std::size_t i = 1; i < file.rows.size(); ++i) {
      if (file.rows[i].group == file.rows[i - 1].group) {
        steps.push_back(file.rows[i].time - file.rows[i - 1].time);
      }
    }
  }
  if (steps.empty()) {
    fail(ErrorCode::bad_input, "{}: too few rows to tell the sampling rate from their times",
         files.front().name);
  }
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>((steps.size() - 1) / 2);
  std::ranges::nth_element(steps, middle);
  return *parse_number(fmt::format("{:.9g}", 1 / *middle));
}

double sampling_rate(const CsvOptions& options, const std::vector<FileRows>& files) {
  if (options.time_column.empty()) return options.rate_hz;
  const double measured = median_rate(files);
  if (options.rate_hz == 0) return measured;
  constexpr double kTolerance = 0.1;
  if (std::abs(measured / options.rate_hz - 1) > kTolerance) {
    fail(ErrorCode::bad_config,
         "the rate is given as {} Hz, but the median step of column '{}' means {} Hz; is its unit "
         "really {} s?",
         options.rate_hz, options.time_column, measured, options.time_unit_s);
  }
  return options.rate_hz;
}

// Cuts a file's rows into recordings and fills short gaps.
void append_recordings(const FileRows& file, const CsvOptions& options, RecordingSet& set) {
  const std::size_t channels = set.channels.size();
  const bool has_time = !options.time_column.empty();
  int number = 0;
  for (std::size_t i = 0; i < file.rows.size(); ++i) {
    const Row& row = file.rows[i];
    const Row* before = i == 0 ? nullptr : &file.rows[i - 1];
    const double gap = has_time && before != nullptr ? row.time - before->time : 0;
    if (before == nullptr || before->group != row.group || gap > options.max_gap_s) {
      Recording recording;
      recording.name = fmt::format("{}-{}", file.name, ++number);
      recording.group = row.group;
      set.recordings.push_back(std::move(recording));
    } else if (gap * set.rate_hz > 1.5) {
      Recording& recording = set.recordings.back();
      const double lost_samples = std::round(gap * set.rate_hz) - 1;
      if (lost_samples * static_cast<double>(channels) > kMaxLostValues) {
        fail(ErrorCode::bad_input, "{}: a gap of {} s after {} s is {} samples at {} Hz, too many",
             file.name, gap, before->time, lost_samples, set.rate_hz);
      }
      const auto lost = static_cast<std::size_t>(lost_samples);
      recording.samples.insert(recording.samples.end(), lost * channels, kMissing);
      recording.labels.insert(recording.labels.end(), lost, before->label);
    }
    Recording& recording = set.recordings.back();
    const auto values = file.values.begin() + static_cast<std::ptrdiff_t>(i * channels);
    recording.samples.insert(recording.samples.end(), values,
                             values + static_cast<std::ptrdiff_t>(channels));
    recording.labels.push_back(row.label);
  }
}

void validate(const CsvOptions& options) {
  if (options.paths.empty()) fail(ErrorCode::bad_config, "no CSV files are given");
  if (options.time_column.empty() && options.rate_hz == 0) {
    fail(ErrorCode::bad_config, "{}: give a sampling rate or a time column",
         options.paths.front().string());
  }
  const auto is_positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (options.rate_hz != 0 && !is_positive(options.rate_hz)) {
    fail(ErrorCode::bad_config, "rate_hz is {}, expected a positive number", options.rate_hz);
  }
  if (!is_positive(options.time_unit_s) || !is_positive(options.max_gap_s)) {
    fail(ErrorCode::bad_config, "time_unit_s is {} and max_gap_s {}, expected positive numbers",
         options.time_unit_s, options.max_gap_s);
  }
}

// Names without folder and extension or, where two files would share one, whole paths.
std::vector<std::string> file_names(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> stems, whole;
  for (const std::filesystem::path& path : paths) {
    stems.push_back(path.stem().string());
    whole.push_back(path.string());
  }
  const std::set<std::string> different(stems.begin(), stems.end());
  return different.size() == stems.size() ? stems : whole;
}

// Brings classes and groups into order, and the indices with them.
void sort_names(const NameTable& classes, const NameTable& groups, RecordingSet& set) {
  NameTable::Sorted sorted_classes = classes.sort();
  NameTable::Sorted sorted_groups = groups.sort();
  for (Recording& recording : set.recordings) {
    recording.group = sorted_groups.place[recording.group];
    for (std::int32_t& label : recording.labels) {
      if (label >= 0) label = sorted_classes.place[label];
    }
  }
  set.classes = std::move(sorted_classes.names);
  set.group_names = std::move(sorted_groups.names);
}

}  // namespace

RecordingSet read_csv(const CsvOptions& options) {
  validate(options);
  RecordingSet set;
  set.name = options.paths.front().stem().string();
  NameTable classes, groups;
  std::vector<FileRows> files;
  std::vector<std::string> digests;
  const std::vector<std::string> names = file_names(options.paths);
  for (const std::filesystem::path& path : options.paths) {
    CsvRecords file(path, options.separator);
    if (set.channels.empty()) {
      set.channels = make_channels(options.channels.empty() ? remaining_columns(file, options)
                                                            : options.channels);
      if (set.channels.empty() || set.channels.size() > kMaxChannels) {
        fail(ErrorCode::bad_input, "{}, line 1: {} channel columns, expected 1 to {}",
             path.string(), set.channels.size(), kMaxChannels);
      }
    }
    const Columns columns = find_columns(file, options, set.channels);
    files.push_back(
        read_rows(file, names[files.size()], columns, options.time_unit_s, classes, groups));
    digests.push_back(sha256_of_file(path));
  }
  set.triads = make_triads(options.triads, set.channels);
  set.checksum = digests.size() == 1 ? digests.front() : sha256(join(digests, "\n"));
  set.rate_hz = sampling_rate(options, files);
  for (FileRows& file : files) {
    append_recordings(file, options, set);
    file = {};  // its rows are not needed twice
  }
  sort_names(classes, groups, set);
  return set;
}

namespace {

const Key<std::string> kTimeColumn{.name = "time_column",
                                   .meaning = "time in seconds; empty: rows are evenly spaced."};
const Key<std::string> kLabelColumn{
    .name = "label_column", .value = "label", .meaning = "the class."};
const Key<std::string> kGroupColumn{.name = "group_column",
                                    .meaning = "person, machine or patient, for the split."};
const Key<std::string> kSeparator{.name = "separator", .value = ",", .meaning = "one character."};

CsvOptions csv_options(const SourceRequest& request) {
  const Settings& settings = request.settings;
  return {.paths = paths_of(request),
          .rate_hz = settings.get(kRateHz),
          .time_column = settings.get(kTimeColumn),
          .label_column = settings.get(kLabelColumn),
          .group_column = settings.get(kGroupColumn),
          .channels = channels_of(settings),
          .triads = triads_of(settings),
          .separator = settings.get(kSeparator).front()};
}

// The columns that speak for themselves.
FileRequest describe_csv(const std::filesystem::path& file) {
  const CsvRecords records(file, ',');
  const auto has = [&](const char* name) {
    return std::ranges::count(records.header(), name) == 1;
  };
  FileRequest request;
  request.settings.set(kPath, file.string());
  request.settings.set(kLabelColumn, has("label") ? "label" : "");
  if (has("group")) request.settings.set(kGroupColumn, "group");
  for (const char* time : {"time", "t", "time_s", "timestamp"}) {
    if (!has(time)) continue;
    request.settings.set(kTimeColumn, time);
    break;
  }
  return request;
}

}  // namespace

Source csv_source() {
  return {
      .name = "csv",
      .meaning = "streams, one row a sample",
      .keys = {need(kPath, kOneFile), use(kPaths, "further files, each a recording of its own."),
               use(kRateHz, "samples per second; 0: from the time column."), use(kTimeColumn),
               use(kChannels, "the columns that are signals; empty: all others."), use(kUnits),
               use(kDerivedFrom), use(kDerived), use(kTriads), use(kLabelColumn), use(kGroupColumn),
               use(kSeparator)},
      .read = [](const SourceRequest& request) { return read_csv(csv_options(request)); },
      .check =
          [](const SourceRequest& request) {
            if (request.settings.get(kSeparator).size() == 1) return;
            fail(ErrorCode::bad_config, "'separator' in [data] must be one character");
          },
      .endings = {".csv"},
      .describe_file = describe_csv};
}

}  // namespace edgeproof::signal
