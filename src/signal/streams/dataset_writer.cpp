// Texts are NumPy's "<U": four bytes a character, padded with zeros to the longest.

#include "signal/streams/dataset_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "signal/streams/zip_writer.h"
#include "signal/summary.h"

namespace edgeproof::signal {
namespace {

std::string_view bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

// UTF-8 as code points; a byte that is none stands for itself.
std::u32string code_points(std::string_view text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0x7F >> length);
    const std::size_t end = std::min(i + length, text.size());
    for (std::size_t k = i + 1; k < end; ++k) point = point << 6 | (text[k] & 0x3F);
    result += point;
    i = end;
  }
  return result;
}

// An array of names that are drawn from a short list.
class NameArray {
 public:
  explicit NameArray(std::span<const std::string> names) {
    for (const std::string& name : names) points_.push_back(code_points(name));
    for (const std::u32string& name : points_) width_ = std::max(width_, name.size());
    for (std::u32string& name : points_) name.resize(width_, U'\0');
    none_.assign(width_, U'\0');
  }

  void begin(ZipWriter& zip, const std::string& name, std::int64_t count) const {
    const std::string header = npy_header(fmt::format("<U{}", width_), std::array{count});
    const auto item = static_cast<std::int64_t>(4 * width_);
    zip.begin(name + ".npy", static_cast<std::int64_t>(header.size()) + count * item);
    zip.write(header);
  }
  void write(ZipWriter& zip, std::size_t index) const {
    const std::u32string& name = index < points_.size() ? points_[index] : none_;
    zip.write({reinterpret_cast<const char*>(name.data()), 4 * name.size()});
  }
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

 private:
  std::vector<std::u32string> points_;
  std::size_t width_ = 1;
  std::u32string none_;
};

std::size_t label_index(std::int32_t label) {
  return label < 0 ? NameArray::kNone : static_cast<std::size_t>(label);
}

void begin_samples(ZipWriter& zip, std::vector<std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  const std::string header = npy_header("<f4", shape);
  zip.begin("x.npy", static_cast<std::int64_t>(header.size()) + 4 * count);
  zip.write(header);
}

void expect_stream(const RecordingSet& source) {
  if (source.cut) {
    fail(ErrorCode::unsupported,
         "data set '{}' comes cut into windows and is no stream; write windows (.npz)",
         source.name);
  }
  for (const Recording& recording : source.recordings) {
    if (recording.events.empty()) continue;
    fail(ErrorCode::unsupported,
         "data set '{}' has events, which a stream in CSV or NPZ cannot hold; write windows (.npz)",
         source.name);
  }
}

}  // namespace

void write_windows(const Dataset& dataset, bool split, const std::filesystem::path& npz) {
  const RecordingSet& source = dataset.source;
  const std::array parts{std::pair(Part::train, &dataset.train),
                         std::pair(Part::validation, &dataset.validation),
                         std::pair(Part::test, &dataset.test)};
  std::int64_t count = 0;
  for (const auto& [part, windows] : parts) count += static_cast<std::int64_t>(windows->size());
  const auto for_each = [&](const std::function<void(const Window&, std::size_t)>& use) {
    for (std::size_t p = 0; p < parts.size(); ++p) {
      for (const Window& window : *parts[p].second) {
        throw_if_interrupted();
        use(window, p);
      }
    }
  };
  ZipWriter zip(npz);
  const std::size_t channels = source.channels.size();
  const std::size_t size = static_cast<std::size_t>(dataset.window_length) * channels;
  begin_samples(zip, {count, dataset.window_length, static_cast<std::int64_t>(channels)});
  for_each([&](const Window& window, std::size_t) {
    const std::span<const float> samples = source.recordings[window.recording].samples;
    zip.write(bytes_of(samples.subspan(static_cast<std::size_t>(window.start) * channels, size)));
  });
  const NameArray labels(source.classes), groups(source.group_names);
  labels.begin(zip, "y", count);
  for_each(
      [&](const Window& window, std::size_t) { labels.write(zip, label_index(window.label)); });
  groups.begin(zip, "groups", count);
  for_each([&](const Window& window, std::size_t) {
    groups.write(zip, static_cast<std::size_t>(source.recordings[window.recording].group));
  });
  if (split) {
    std::vector<std::string> part_names;
    for (const auto& [part, windows] : parts) part_names.emplace_back(part_name(part));
    const NameArray in_part(part_names);
    in_part.begin(zip, "part", count);
    for_each([&](const Window&, std::size_t p) { in_part.write(zip, p); });
  }
  zip.finish();
}

void write_stream_npz(const RecordingSet& source, const std::filesystem::path& npz) {
  expect_stream(source);
  std::int64_t count = 0;
  std::vector<std::string> names;
  for (const Recording& recording : source.recordings) {
    count += recording.length();
    names.push_back(recording.name);
  }
  ZipWriter zip(npz);
  begin_samples(zip, {count, static_cast<std::int64_t>(source.channels.size())});
  for (const Recording& recording : source.recordings) zip.write(bytes_of(recording.samples));

  const NameArray labels(source.classes), groups(source.group_names), recordings(names);
  labels.begin(zip, "y", count);
  for (const Recording& recording : source.recordings) {
    throw_if_interrupted();
    for (const std::int32_t label : recording.labels) labels.write(zip, label_index(label));
  }
  groups.begin(zip, "groups", count);
  for (const Recording& recording : source.recordings) {
    for (int i = 0; i < recording.length(); ++i) {
      groups.write(zip, static_cast<std::size_t>(recording.group));
    }
  }
  recordings.begin(zip, "recordings", count);
  for (std::size_t r = 0; r < source.recordings.size(); ++r) {
    for (int i = 0; i < source.recordings[r].length(); ++i) recordings.write(zip, r);
  }
  zip.finish();
}

void write_stream_csv(const RecordingSet& source, const std::filesystem::path& csv) {
  expect_stream(source);
  constexpr double kLeap = 3600;
  OutputFile file(csv);
  std::string text = "time";
  for (const Channel& channel : source.channels) text += "," + csv_field(channel.name);
  text += ",label,group\n";
  const std::size_t channels = source.channels.size();
  double begin = 0;
  for (const Recording& recording : source.recordings) {
    throw_if_interrupted();
    const std::string group = csv_field(source.group_names[recording.group]);
    for (std::size_t t = 0; t < recording.labels.size(); ++t) {
      text += fmt::format("{}", begin + static_cast<double>(t) / source.rate_hz);
      for (std::size_t c = 0; c < channels; ++c) {
        const float value = recording.samples[t * channels + c];
        text += std::isnan(value) ? "," : fmt::format(",{}", value);
      }
      const std::int32_t label = recording.labels[t];
      text += fmt::format(",{},{}\n", label < 0 ? "" : csv_field(source.classes[label]), group);
      if (text.size() > 1 << 16) file.write(std::exchange(text, {}));
    }
    begin += std::ceil(recording.length() / source.rate_hz) + kLeap;
  }
  file.write(text);
  file.commit();
}

}  // namespace edgeproof::signal
