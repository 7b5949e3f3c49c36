// Headers are read first; they say which signal files there are. A second pass over the sources
// then decodes every file as it comes, so that one is in memory at a time.

#include "signal/readers/wfdb.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/source_files.h"
#include "signal/readers/wfdb_annotations.h"
#include "signal/readers/wfdb_header.h"
#include "signal/readers/wfdb_signals.h"

namespace edgeproof::signal {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 1 << 20;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// A record between its header and its samples.
struct Record {
  std::string name, place;
  WfdbHeader header;
  std::vector<std::size_t> signals;  // of each channel, an index into header.signals
  Recording recording;
};

// What a file of the second pass is: a header (again, for the checksum), signals or annotations.
struct FileRole {
  std::size_t record = 0;
  std::string signal_file = {};
  bool annotations = false;
};

std::vector<std::string> record_names(const WfdbOptions& options) {
  std::vector<std::string> names = options.records;
  if (names.empty()) {
    for (const std::string& file : list_source_files(options.sources, ".hea")) {
      names.push_back(file.substr(0, file.size() - 4));
    }
    if (names.empty()) {
      fail(ErrorCode::bad_input, "{}: no WFDB header (*.hea) in it",
           options.sources.front().string());
    }
  }
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    fail(ErrorCode::bad_config, "record '{}' is listed twice", *twice);
  }
  return names;
}

std::vector<Record> read_headers(const WfdbOptions& options,
                                 const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back(name + ".hea");
  std::vector<Record> records(names.size());
  visit_source_files(options.sources, files, kMaxHeaderBytes, [&](const SourceFile& file) {
    Record& record = records[file.index];
    record.name = names[file.index];
    record.place = file.place;
    record.header = parse_wfdb_header(file.bytes, file.place);
  });
  return records;
}

std::vector<WfdbChannelOptions> channel_options(const WfdbOptions& options, const Record& first) {
  std::vector<WfdbChannelOptions> channels = options.channels;
  if (channels.empty()) {
    for (const WfdbSignal& signal : first.header.signals) channels.push_back({signal.name, {}});
  }
  for (WfdbChannelOptions& channel : channels) {
    if (channel.signals.empty()) channel.signals = {channel.name};
  }
  return channels;
}

// Chooses the signals of each channel; all records must agree on rate and units.
void choose_signals(const std::vector<WfdbChannelOptions>& channels, std::vector<Record>& records,
                    RecordingSet& set) {
  set.rate_hz = records.front().header.rate_hz;
  for (Record& record : records) {
    if (record.header.rate_hz != set.rate_hz) {
      fail(ErrorCode::bad_input, "{}: sampled at {} Hz, but record '{}' at {} Hz", record.place,
           record.header.rate_hz, records.front().name, set.rate_hz);
    }
    std::vector<std::string> known;
    for (const WfdbSignal& signal : record.header.signals) known.push_back(signal.name);
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const auto found = std::ranges::find_first_of(known, channels[c].signals);
      if (found == known.end()) {
        fail(ErrorCode::bad_input, "{}: no signal '{}' (known: {})", record.place,
             join(channels[c].signals, "' or '"), join(known, ", "));
      }
      record.signals.push_back(static_cast<std::size_t>(found - known.begin()));
      const WfdbSignal& signal = record.header.signals[record.signals.back()];
      if (set.channels.size() == c) {
        set.channels.push_back({channels[c].name, signal.unit, static_cast<int>(c)});
      }
      if (signal.unit != set.channels[c].unit) {
        fail(ErrorCode::bad_input, "{}: signal '{}' is in {}, but in {} in record '{}'",
             record.place, signal.name, signal.unit, set.channels[c].unit, records.front().name);
      }
    }
  }
}

// The signals of one file, as they follow each other in it; the format must be one.
std::vector<std::size_t> signals_in(const Record& record, const std::string& file) {
  std::vector<std::size_t> found;
  const std::vector<WfdbSignal>& signals = record.header.signals;
  for (std::size_t s = 0; s < signals.size(); ++s) {
    if (signals[s].file != file) continue;
    const WfdbSignal& first = signals[found.empty() ? s : found.front()];
    if (signals[s].format != first.format || signals[s].bytes_before != first.bytes_before) {
      fail(ErrorCode::bad_input, "{}: the signals of '{}' differ in their format", record.place,
           file);
    }
    found.push_back(s);
  }
  return found;
}

// How many samples of each signal the file must hold, known or found out.
std::int64_t expect_length(const SourceFile& file, const WfdbSignal& signal,
                           std::size_t interleaved, Record& record) {
  const auto bytes = static_cast<std::int64_t>(file.bytes.size()) - signal.bytes_before;
  const std::int64_t available =
      wfdb_sample_count(std::max<std::int64_t>(bytes, 0), signal.format) /
      static_cast<std::int64_t>(interleaved);
  if (record.header.length == 0) record.header.length = available;
  if (available < record.header.length || available == 0) {
    fail(ErrorCode::bad_input, "{}: {} bytes hold {} samples of {} signals, expected {}",
         file.place, file.bytes.size(), available, interleaved, record.header.length);
  }
  return record.header.length;
}

void check_signal(const SourceFile& file, const WfdbSignal& signal,
                  const std::vector<std::int16_t>& values, std::size_t offset, std::size_t stride) {
  if (signal.first && *signal.first != values[offset]) {
    fail(ErrorCode::bad_input, "{}: the first value of signal '{}' is {}, but the header says {}",
         file.place, signal.name, values[offset], *signal.first);
  }
  if (!signal.checksum) return;
  std::uint16_t sum = 0;
  for (std::size_t i = offset; i < values.size(); i += stride) {
    sum = static_cast<std::uint16_t>(sum + static_cast<std::uint16_t>(values[i]));
  }
  if (sum != static_cast<std::uint16_t>(*signal.checksum)) {
    fail(ErrorCode::bad_input,
         "{}: the checksum of signal '{}' is {}, but the header says {}; the file is damaged",
         file.place, signal.name, static_cast<std::int16_t>(sum), *signal.checksum);
  }
}

void read_signals(const SourceFile& file, const std::string& name, const WfdbOptions& options,
                  Record& record) {
  const std::vector<std::size_t> here = signals_in(record, name);
  const WfdbSignal& any = record.header.signals[here.front()];
  const std::int64_t length = expect_length(file, any, here.size(), record);
  const std::vector<std::int16_t> values =
      decode_wfdb(std::string_view(file.bytes).substr(static_cast<std::size_t>(any.bytes_before)),
                  any.format, length * static_cast<std::int64_t>(here.size()));
  const std::int16_t missing = wfdb_missing(any.format);
  const std::size_t channels = record.signals.size();
  record.recording.samples.resize(static_cast<std::size_t>(length) * channels);
  for (std::size_t place = 0; place < here.size(); ++place) {
    const WfdbSignal& signal = record.header.signals[here[place]];
    if (options.check_sums) check_signal(file, signal, values, place, here.size());
    for (std::size_t c = 0; c < channels; ++c) {
      if (record.signals[c] != here[place]) continue;
      for (std::size_t t = 0; t < static_cast<std::size_t>(length); ++t) {
        const std::int16_t value = values[t * here.size() + place];
        record.recording.samples[t * channels + c] =
            value == missing ? kMissing
                             : static_cast<float>((value - signal.baseline) / signal.gain);
      }
    }
  }
}

void read_annotations(const SourceFile& file, const WfdbOptions& options, Record& record) {
  const auto label_of = [&](char symbol) -> std::int32_t {
    for (std::size_t c = 0; c < options.classes.size(); ++c) {
      if (symbol != ' ' && options.classes[c].symbols.find(symbol) != std::string::npos) {
        return static_cast<std::int32_t>(c);
      }
    }
    return -1;
  };
  for (const WfdbAnnotation& annotation :
       parse_wfdb_annotations(file.bytes, file.place, record.header.rate_hz)) {
    const std::int32_t label = label_of(wfdb_symbol(annotation.code));
    if (label < 0) continue;
    if (annotation.sample > std::numeric_limits<int>::max()) {
      fail(ErrorCode::bad_input, "{}: an annotation at sample {}", file.place, annotation.sample);
    }
    record.recording.events.push_back({static_cast<int>(annotation.sample), label});
  }
  std::ranges::stable_sort(record.recording.events, {}, &Event::sample);
}

void validate(const WfdbOptions& options) {
  if (options.sources.empty()) fail(ErrorCode::bad_config, "no WFDB folder or archive is given");
  std::string seen;
  for (const WfdbClassOptions& one : options.classes) {
    if (one.name.empty() || one.symbols.empty()) {
      fail(ErrorCode::bad_config, "WFDB classes: class '{}' has no {}", one.name,
           one.name.empty() ? "name" : "symbols");
    }
    const std::size_t twice = one.symbols.find_first_of(seen);
    if (twice != std::string::npos) {
      fail(ErrorCode::bad_config, "WFDB classes: symbol '{}' is in two classes",
           one.symbols[twice]);
    }
    seen += one.symbols;
  }
}

// The folder of "a/b/100", with its '/'.
std::string folder_of(const std::string& record) {
  const std::size_t slash = record.rfind('/');
  return slash == std::string::npos ? "" : record.substr(0, slash + 1);
}

}  // namespace

std::vector<WfdbClassOptions> aami_classes(bool rare) {
  std::vector<WfdbClassOptions> classes{{"N", "NLRej"}, {"S", "AaJS"}, {"V", "VE"}};
  if (rare) {
    classes.push_back({"F", "F"});
    classes.push_back({"Q", "/fQ"});
  }
  return classes;
}

RecordingSet read_wfdb(const WfdbOptions& options) {
  validate(options);
  std::vector<Record> records = read_headers(options, record_names(options));
  RecordingSet set;
  set.name = options.sources.front().stem().string();
  choose_signals(channel_options(options, records.front()), records, set);
  for (const WfdbClassOptions& one : options.classes) set.classes.push_back(one.name);

  std::vector<std::string> files;
  std::vector<FileRole> roles;
  const auto add = [&](const std::string& file, FileRole role) {
    if (std::ranges::find(files, file) != files.end()) {
      fail(ErrorCode::unsupported, "{}: '{}' belongs to another record, too",
           records[role.record].place, file);
    }
    files.push_back(file);
    roles.push_back(std::move(role));
  };
  for (std::size_t r = 0; r < records.size(); ++r) {
    const Record& record = records[r];
    add(record.name + ".hea", {.record = r});
    std::vector<std::string> of_record;
    for (const WfdbSignal& signal : record.header.signals) {
      if (std::ranges::find(of_record, signal.file) != of_record.end()) continue;
      of_record.push_back(signal.file);
      add(folder_of(record.name) + signal.file, {.record = r, .signal_file = signal.file});
    }
    if (!options.classes.empty()) {
      add(fmt::format("{}.{}", record.name, options.annotator), {.record = r, .annotations = true});
    }
  }
  set.checksum = visit_source_files(options.sources, files, options.max_file_bytes,
                                    [&](const SourceFile& file) {
                                      const FileRole& role = roles[file.index];
                                      Record& record = records[role.record];
                                      if (!role.signal_file.empty())
                                        read_signals(file, role.signal_file, options, record);
                                      if (role.annotations) read_annotations(file, options, record);
                                    });

  for (Record& record : records) {
    Recording& recording = record.recording;
    recording.name = record.name;
    recording.group = static_cast<int>(set.group_names.size());
    recording.labels.assign(static_cast<std::size_t>(record.header.length), -1);
    if (!recording.events.empty() && recording.events.back().sample >= recording.length()) {
      fail(ErrorCode::bad_input, "{}: an annotation at sample {}, but there are {} samples",
           record.place, recording.events.back().sample, recording.length());
    }
    set.group_names.push_back(record.name);
    set.recordings.push_back(std::move(recording));
  }
  return set;
}

}  // namespace edgeproof::signal
