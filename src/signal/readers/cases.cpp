// Test: ts_test.cpp.

#include "signal/readers/cases.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kMaxChannels = 4096;

// The length of every window.
std::size_t common_length(const CaseOptions& options, const std::vector<CaseFile>& files) {
  const Case& first = files.front().cases.front();
  std::size_t shortest = first.series.front().size();
  std::size_t longest = shortest;
  for (const CaseFile& file : files) {
    for (const Case& one : file.cases) {
      for (const std::vector<float>& series : one.series) {
        if (options.unequal_length == UnequalLength::error && series.size() != longest) {
          fail(ErrorCode::bad_input,
               "{}, line {}: {} samples, but {} in line {} of {}; choose what becomes of them with "
               "'unequal_length' in [data]",
               file.place, one.line, series.size(), longest, first.line, files.front().place);
        }
        shortest = std::min(shortest, series.size());
        longest = std::max(longest, series.size());
      }
    }
  }
  return options.unequal_length == UnequalLength::truncate ? shortest : longest;
}

// Padding a few cases to one very long one could ask for any amount of memory.
void expect_bounded(const CaseFile& file, std::size_t cases, std::size_t length,
                    std::size_t channels) {
  constexpr std::size_t kMaxValues = std::size_t{1} << 31;
  if (length > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      cases * channels > kMaxValues / std::max<std::size_t>(length, 1)) {
    fail(ErrorCode::bad_input, "{}: {} cases of {} samples of {} channels are too many", file.place,
         cases, length, channels);
  }
}

// Sample t of a series that is brought to `length`.
float sample_at(const std::vector<float>& series, std::size_t t, std::size_t length,
                UnequalLength unequal) {
  const std::size_t known = series.size();
  if (known == length || unequal == UnequalLength::truncate) return series[t];
  if (unequal == UnequalLength::repeat) return series[t % known];
  if (unequal == UnequalLength::pad) return t < known ? series[t] : kMissing;
  const double place =
      static_cast<double>(t) * static_cast<double>(known - 1) / static_cast<double>(length - 1);
  const auto before = static_cast<std::size_t>(place);
  const auto share = static_cast<float>(place - static_cast<double>(before));
  if (share == 0) return series[before];
  return series[before] + share * (series[before + 1] - series[before]);
}

// Samples that no channel of the case has.
int padding_of(const Case& one, std::size_t length) {
  std::size_t longest = 0;
  for (const std::vector<float>& series : one.series) longest = std::max(longest, series.size());
  return static_cast<int>(length - longest);
}

std::vector<float> interleaved(const Case& one, std::size_t length, UnequalLength unequal) {
  const std::size_t channels = one.series.size();
  std::vector<float> samples(length * channels);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t t = 0; t < length; ++t) {
      samples[t * channels + c] = sample_at(one.series[c], t, length, unequal);
    }
  }
  return samples;
}

void expect_alike(const CaseFile& file, const CaseFile& first) {
  if (file.cases.empty()) fail(ErrorCode::bad_input, "{}: no cases", file.place);
  if (file.classes != first.classes) {
    fail(ErrorCode::bad_input, "{}: its classes are {}, but {} in {}", file.place,
         join(file.classes, ", "), join(first.classes, ", "), first.place);
  }
  const std::size_t channels = first.cases.front().series.size();
  for (const Case& one : file.cases) {
    if (one.series.size() != channels) {
      fail(ErrorCode::bad_input, "{}, line {}: {} channels, but {} in line {} of {}", file.place,
           one.line, one.series.size(), channels, first.cases.front().line, first.place);
    }
  }
}

std::vector<Channel> channels_of(const CaseOptions& options, const CaseFile& file) {
  const std::size_t count = file.cases.front().series.size();
  if (count > kMaxChannels) {
    fail(ErrorCode::bad_input, "{}: {} channels, expected at most {}", file.place, count,
         kMaxChannels);
  }
  std::vector<ChannelOptions> described = options.channels;
  if (described.empty()) {
    for (std::size_t c = 0; c < count; ++c) described.push_back({.name = fmt::format("dim{}", c)});
  }
  if (described.size() != count) {
    fail(ErrorCode::bad_config, "{} has {} channels, but {} are described", file.place, count,
         described.size());
  }
  return make_channels(described);
}

}  // namespace

std::vector<float> parse_series(std::string_view text, const std::string& place, int line) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(std::ranges::count(text, ',')) + 1);
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = trim(text.substr(begin, end - begin));
    const auto value = word == "?" ? std::optional<double>(NAN) : parse_number(word);
    if (!value || std::isinf(static_cast<float>(*value))) {
      fail(ErrorCode::bad_input,
           "{}, line {}: value {} is '{}', expected a finite number, NaN or ?", place, line,
           values.size() + 1, word.substr(0, 40));
    }
    values.push_back(static_cast<float>(*value));
    if (end == text.size()) return values;
    begin = end + 1;
  }
}

std::int32_t class_index(std::string_view name, const CaseFile& file, int line) {
  const auto found = std::ranges::find(file.classes, name);
  if (found == file.classes.end()) {
    fail(ErrorCode::bad_input, "{}, line {}: '{}' is no class of this data set{}", file.place, line,
         name.substr(0, 40), did_you_mean(name, file.classes));
  }
  return static_cast<std::int32_t>(found - file.classes.begin());
}

RecordingSet read_cases(const CaseOptions& options, CaseFile (*parse)(const SourceFile& file)) {
  if (!(std::isfinite(options.rate_hz) && options.rate_hz > 0)) {
    fail(ErrorCode::bad_config, "rate_hz is {}, expected a positive number", options.rate_hz);
  }
  std::vector<std::string> names{options.train_file};
  if (!options.test_file.empty()) names.push_back(options.test_file);
  std::vector<CaseFile> files(names.size());
  RecordingSet set;
  set.checksum =
      visit_source_files(options.path, names, options.max_file_bytes,
                         [&](const SourceFile& file) { files[file.index] = parse(file); });
  std::size_t cases = 0;
  for (const CaseFile& file : files) {
    expect_alike(file, files.front());
    cases += file.cases.size();
  }

  set.name = std::filesystem::path(options.train_file).stem().string();
  set.rate_hz = options.rate_hz;
  set.cut = true;
  if (files.size() == 2) set.official_split = "as published: a training and a test file";
  set.classes = files.front().classes;
  set.channels = channels_of(options, files.front());
  set.triads = make_triads(options.triads, set.channels);
  const std::size_t length = common_length(options, files);
  expect_bounded(files.front(), cases, length, set.channels.size());
  for (std::size_t f = 0; f < files.size(); ++f) {
    for (Case& one : files[f].cases) {
      Recording recording;
      recording.name =
          fmt::format("{}-{}", f == 0 ? "train" : "test", &one - files[f].cases.data() + 1);
      recording.group = static_cast<int>(set.group_names.size());
      if (files.size() == 2) recording.part = f == 0 ? Part::train : Part::test;
      if (options.unequal_length == UnequalLength::pad) recording.padding = padding_of(one, length);
      recording.samples = interleaved(one, length, options.unequal_length);
      recording.labels.assign(length, one.label);
      one = {};  // its values are not needed twice
      set.group_names.push_back(recording.name);
      set.recordings.push_back(std::move(recording));
    }
  }
  return set;
}

}  // namespace edgeproof::signal
