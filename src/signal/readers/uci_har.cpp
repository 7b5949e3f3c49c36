// The raw inertial signals, one text file a channel and part: one window a row, 128 numbers
// separated by spaces. y_*.txt and subject_*.txt have one integer a row.

#include "signal/readers/uci_har.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/keys.h"
#include "signal/readers/lines.h"
#include "signal/readers/presets.h"
#include "signal/readers/source_files.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;

constexpr int kLength = 128;
constexpr int kMaxSubject = 1000;
constexpr std::uint64_t kMaxFileBytes = 64u << 20;  // the largest real one has 15 MB
constexpr std::array<const char*, 9> kSignals{"body_acc_x",  "body_acc_y",  "body_acc_z",
                                              "body_gyro_x", "body_gyro_y", "body_gyro_z",
                                              "total_acc_x", "total_acc_y", "total_acc_z"};
constexpr int kChannels = static_cast<int>(kSignals.size());
constexpr std::array<const char*, 2> kParts{"train", "test"};

// The content of one part's files: signals[c] is [rows, kLength].
struct PartFiles {
  std::array<std::vector<float>, kSignals.size()> signals;
  std::vector<int> labels, subjects;
};

// File 0 is activity_labels.txt; then for each part its subjects, labels and signals.
constexpr std::size_t kFilesPerPart = 2 + kSignals.size();

std::vector<std::string> file_names() {
  std::vector<std::string> names{"activity_labels.txt"};
  for (const char* part : kParts) {
    names.push_back(fmt::format("{0}/subject_{0}.txt", part));
    names.push_back(fmt::format("{0}/y_{0}.txt", part));
    for (const char* signal : kSignals) {
      names.push_back(fmt::format("{0}/Inertial Signals/{1}_{0}.txt", part, signal));
    }
  }
  return names;
}

std::vector<float> parse_signal(const SourceFile& file) {
  std::vector<float> values;
  values.reserve(file.bytes.size() / 16);
  for_each_line(file.bytes, [&](std::string_view line, int number) {
    const char* at = line.data();
    const char* const end = at + line.size();
    int count = 0;
    for (;; ++count) {
      while (at != end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
      if (at == end) break;
      float value = 0;
      const auto [after, error] = std::from_chars(at, end, value);
      if (error != std::errc{} || !std::isfinite(value)) {
        fail(ErrorCode::bad_input, "{}, line {}: value {} is '{}', expected a finite number",
             file.place, number, count + 1, std::string_view(at, std::find(at, end, ' ')));
      }
      values.push_back(value);
      at = after;
    }
    if (count != kLength) {
      fail(ErrorCode::bad_input, "{}, line {}: {} values, expected {}", file.place, number, count,
           kLength);
    }
  });
  return values;
}

std::vector<int> parse_integers(const SourceFile& file, int max) {
  std::vector<int> values;
  for_each_line(file.bytes, [&](std::string_view line, int number) {
    const auto value = parse_integer(line);
    if (!value || *value < 1 || *value > max) {
      fail(ErrorCode::bad_input, "{}, line {}: found '{}', expected an integer from 1 to {}",
           file.place, number, trim(line), max);
    }
    values.push_back(static_cast<int>(*value));
  });
  return values;
}

std::vector<std::string> parse_activities(const SourceFile& file) {
  std::vector<std::string> names;
  for_each_line(file.bytes, [&](std::string_view line, int number) {
    const auto fields = split(trim(line), ' ');
    if (fields.size() != 2 || parse_integer(fields[0]) != number) {
      fail(ErrorCode::bad_input, "{}, line {}: found '{}', expected '{} NAME'", file.place, number,
           trim(line), number);
    }
    names.emplace_back(fields[1]);
  });
  return names;
}

std::vector<Channel> channels() {
  std::vector<Channel> all;
  for (int c = 0; c < kChannels; ++c) {
    const std::string name = kSignals[static_cast<std::size_t>(c)];
    const bool derived = name.starts_with("body_acc");
    all.push_back({name, name.starts_with("body_gyro") ? "rad/s" : "g", derived ? c + 6 : c,
                   derived ? kBodyFilter : Filter{}});
  }
  return all;
}

// Every file of a part has as many rows as its labels.
void expect_rows(const std::string& place, const char* name, std::size_t found,
                 std::size_t expected) {
  if (found != expected) {
    fail(ErrorCode::bad_input, "{}: {} has {} rows, but its labels have {}", place, name, found,
         expected);
  }
}

Recording window(const PartFiles& files, std::size_t row) {
  Recording recording;
  recording.labels.assign(kLength, files.labels[row] - 1);
  recording.samples.resize(std::size_t{kLength} * kChannels);
  for (std::size_t c = 0; c < kSignals.size(); ++c) {
    const float* values = files.signals[c].data() + row * kLength;
    for (std::size_t t = 0; t < kLength; ++t) recording.samples[t * kChannels + c] = values[t];
  }
  return recording;
}

}  // namespace

RecordingSet read_uci_har(const fs::path& path) {
  const fs::path source = locate_preset("uci_har", path).front();
  const std::vector<std::string> names = file_names();
  RecordingSet set;
  set.name = "uci_har";
  set.rate_hz = 50;
  set.channels = channels();
  set.triads = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  set.cut = true;
  std::array<PartFiles, kParts.size()> parts;

  set.checksum = visit_source_files(source, names, kMaxFileBytes, [&](const SourceFile& file) {
    if (file.index == 0) {
      set.classes = parse_activities(file);
      return;
    }
    PartFiles& part = parts[(file.index - 1) / kFilesPerPart];
    const std::size_t kind = (file.index - 1) % kFilesPerPart;
    if (kind == 0) {
      part.subjects = parse_integers(file, kMaxSubject);
    } else if (kind == 1) {
      part.labels = parse_integers(file, 6);
    } else {
      part.signals[kind - 2] = parse_signal(file);
    }
  });
  if (set.classes.size() != 6) {
    fail(ErrorCode::bad_input, "{}: {} lists {} activities, expected 6", source.string(), names[0],
         set.classes.size());
  }

  std::map<int, int> groups;  // subject -> index; in order of subject
  for (const PartFiles& part : parts) {
    for (const int subject : part.subjects) groups[subject] = 0;
  }
  for (auto& [subject, index] : groups) {
    index = static_cast<int>(set.group_names.size());
    set.group_names.push_back(fmt::format("{}", subject));
  }
  for (std::size_t p = 0; p < kParts.size(); ++p) {
    const PartFiles& part = parts[p];
    const std::size_t rows = part.labels.size();
    expect_rows(source.string(), names[1 + p * kFilesPerPart].c_str(), part.subjects.size(), rows);
    for (std::size_t c = 0; c < kSignals.size(); ++c) {
      expect_rows(source.string(), names[1 + p * kFilesPerPart + 2 + c].c_str(),
                  part.signals[c].size() / kLength, rows);
    }
    for (std::size_t row = 0; row < rows; ++row) {
      Recording recording = window(part, row);
      recording.name = fmt::format("{}-{}", kParts[p], row + 1);
      recording.group = groups.at(part.subjects[row]);
      recording.part = p == 0 ? Part::train : Part::test;
      set.recordings.push_back(std::move(recording));
    }
  }
  set.official_split = "as published: 21 people train, 9 test";
  return set;
}

Source uci_har_source() {
  return {
      .name = "uci_har",
      .meaning = "smartphone motion, UCI",
      .keys = {use(kPath), use(kDerived, kDerivedBody)},
      .read =
          [](const SourceRequest& r) {
            RecordingSet set = read_uci_har(preset_path(r));
            set.channels = with_filters(std::move(set.channels), r.settings.get(kDerived));
            return set;
          },
      .check =
          [](const SourceRequest& r) { (void)with_filters(channels(), r.settings.get(kDerived)); },
      .official_split = true};
}

}  // namespace edgeproof::signal
