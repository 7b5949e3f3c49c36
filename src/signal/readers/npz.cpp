// An .npz file is a zip archive with a member NAME.npy for each array.

#include "signal/readers/npz.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "signal/readers/archive.h"
#include "signal/readers/keys.h"
#include "signal/readers/npy.h"

namespace edgeproof::signal {
namespace {

struct Arrays {
  std::optional<NpyArray> samples, labels, groups;
};

// Reads the arrays that are asked for, and no other.
Arrays read_arrays(const NpzOptions& options) {
  const std::string groups = options.groups_array.empty() ? "groups" : options.groups_array;
  Arrays arrays;
  std::map<std::string, std::optional<NpyArray>*> wanted{{options.samples_array, &arrays.samples},
                                                         {options.labels_array, &arrays.labels},
                                                         {groups, &arrays.groups}};
  if (wanted.size() != 3) fail(ErrorCode::bad_config, "two arrays have the same name");
  std::vector<std::string> found;
  ArchiveReader archive(options.path);
  while (auto member = archive.next()) {
    if (!member->ends_with(".npy")) continue;
    const std::string name = member->substr(0, member->size() - 4);
    found.push_back(name);
    if (const auto target = wanted.find(name); target != wanted.end()) {
      *target->second = parse_npy(archive.read(options.max_bytes),
                                  fmt::format("{}: array '{}'", options.path.string(), name));
    }
  }
  const auto expect = [&](const std::optional<NpyArray>& array, const std::string& name) {
    if (!array) {
      fail(ErrorCode::bad_input, "{}: no array '{}'{}", options.path.string(), name,
           did_you_mean(name, found));
    }
  };
  expect(arrays.samples, options.samples_array);
  expect(arrays.labels, options.labels_array);
  if (!options.groups_array.empty()) expect(arrays.groups, options.groups_array);
  return arrays;
}

struct Shape {
  std::int64_t windows, length, channels;
};

Shape shape_of(const NpyArray& samples, bool channels_first) {
  const std::size_t rank = samples.shape.size();
  if (rank != 2 && rank != 3) {
    fail(ErrorCode::bad_input,
         "{} has {} dimensions, expected windows [N, L, C] or a stream [T, C]", samples.place,
         rank);
  }
  Shape shape{rank == 3 ? samples.shape[0] : 1, samples.shape[rank - 2], samples.shape[rank - 1]};
  if (channels_first) std::swap(shape.length, shape.channels);
  constexpr std::int64_t kMaxChannels = 4096;
  if (shape.windows < 1 || shape.length < 1 || shape.channels < 1 ||
      shape.channels > kMaxChannels || shape.length > std::numeric_limits<int>::max()) {
    fail(ErrorCode::bad_input,
         "{}: {} windows, {} samples, {} channels, expected 1 or more of each and at most {} "
         "channels; is channels_first right?",
         samples.place, shape.windows, shape.length, shape.channels, kMaxChannels);
  }
  return shape;
}

// [windows, channels, length] as [windows, length, channels].
std::vector<float> channels_last(const std::vector<float>& values, const Shape& shape) {
  std::vector<float> out(values.size());
  for (std::int64_t n = 0; n < shape.windows; ++n) {
    const std::int64_t base = n * shape.length * shape.channels;
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      for (std::int64_t t = 0; t < shape.length; ++t) {
        out[base + t * shape.channels + c] = values[base + c * shape.length + t];
      }
    }
  }
  return out;
}

// One index for each of `count` windows or samples, and the names they stand for.
struct Named {
  std::vector<std::int32_t> indices;
  std::vector<std::string> names;
};

Named named(const NpyArray& array, std::int64_t count, bool empty_is_none) {
  if (array.shape.size() != 1 || array.count != count) {
    fail(ErrorCode::bad_input, "{}: its shape is [{}], expected [{}], one for each of x",
         array.place, fmt::join(array.shape, ", "), count);
  }
  Named out;
  NameTable table;
  for (const std::string& name : npy_names(array)) {
    out.indices.push_back(name.empty() && empty_is_none ? -1 : table.index(name));
  }
  NameTable::Sorted sorted = table.sort();
  for (std::int32_t& index : out.indices) {
    if (index >= 0) index = sorted.place[index];
  }
  out.names = std::move(sorted.names);
  return out;
}

std::vector<ChannelOptions> numbered_channels(std::int64_t count) {
  std::vector<ChannelOptions> channels;
  for (std::int64_t c = 0; c < count; ++c) channels.push_back({.name = fmt::format("ch{}", c)});
  return channels;
}

}  // namespace

RecordingSet read_npz(const NpzOptions& options) {
  if (!std::isfinite(options.rate_hz) || options.rate_hz <= 0) {
    fail(ErrorCode::bad_config, "{}: rate_hz is {}, expected a positive number",
         options.path.string(), options.rate_hz);
  }
  const Arrays arrays = read_arrays(options);
  const Shape shape = shape_of(*arrays.samples, options.channels_first);

  RecordingSet set;
  set.name = options.path.stem().string();
  set.rate_hz = options.rate_hz;
  set.checksum = sha256_of_file(options.path);
  set.cut = arrays.samples->shape.size() == 3;
  set.channels = make_channels(options.channels.empty() ? numbered_channels(shape.channels)
                                                        : options.channels);
  if (static_cast<std::int64_t>(set.channels.size()) != shape.channels) {
    fail(ErrorCode::bad_config, "{} has {} channels, but {} are described", arrays.samples->place,
         shape.channels, set.channels.size());
  }
  set.triads = make_triads(options.triads, set.channels);
  std::vector<float> values = npy_floats(*arrays.samples);
  if (options.channels_first) values = channels_last(values, shape);

  const std::int64_t items = set.cut ? shape.windows : shape.length;
  Named labels = named(*arrays.labels, items, true);
  Named groups{std::vector<std::int32_t>(static_cast<std::size_t>(items)), {set.name}};
  if (arrays.groups) groups = named(*arrays.groups, items, false);
  set.classes = std::move(labels.names);
  set.group_names = std::move(groups.names);

  // An item is a window or, of a stream, a sample; a stream's items join while the group stays.
  const std::int64_t item_length = set.cut ? shape.length : 1;
  const std::int64_t item_size = item_length * shape.channels;
  for (std::int64_t i = 0; i < items; ++i) {
    if (set.cut || i == 0 || groups.indices[i] != groups.indices[i - 1]) {
      Recording recording;
      recording.name = fmt::format("{}-{}", set.name, set.recordings.size() + 1);
      recording.group = groups.indices[i];
      set.recordings.push_back(std::move(recording));
    }
    Recording& recording = set.recordings.back();
    const auto item = values.begin() + i * item_size;
    recording.samples.insert(recording.samples.end(), item, item + item_size);
    recording.labels.insert(recording.labels.end(), static_cast<std::size_t>(item_length),
                            labels.indices[i]);
  }
  return set;
}

namespace {

const Key<std::string> kSamplesArray{
    .name = "x_array", .value = "x", .meaning = "windows [N, L, C] or a stream [T, C]."};
const Key<std::string> kLabelsArray{
    .name = "y_array", .value = "y", .meaning = "the class of each window or sample."};
const Key<std::string> kGroupsArray{.name = "groups_array",
                                    .meaning = "the group of each; empty: 'groups', if there."};
const Key<bool> kChannelsFirst{.name = "channels_first", .meaning = "windows are [N, C, L]."};

NpzOptions npz_options(const SourceRequest& request) {
  const Settings& settings = request.settings;
  return {.path = path_of(request),
          .rate_hz = settings.get(kRateHz),
          .samples_array = settings.get(kSamplesArray),
          .labels_array = settings.get(kLabelsArray),
          .groups_array = settings.get(kGroupsArray),
          .channels = channels_of(settings),
          .triads = triads_of(settings),
          .channels_first = settings.get(kChannelsFirst)};
}

}  // namespace

Source npz_source() {
  return {.name = "npz",
          .meaning = "NumPy's arrays, windows or a stream",
          .keys = {need(kPath, kOneFile), use(kRateHz), use(kSamplesArray), use(kLabelsArray),
                   use(kGroupsArray), use(kChannelsFirst), use(kChannels), use(kUnits),
                   use(kDerivedFrom), use(kDerived), use(kTriads)},
          .read = [](const SourceRequest& request) { return read_npz(npz_options(request)); },
          .endings = {".npz"},
          .describe_file =
              [](const std::filesystem::path& file) {
                FileRequest request;
                request.settings.set(kPath, file.string());
                return request;
              }};
}

}  // namespace edgeproof::signal
