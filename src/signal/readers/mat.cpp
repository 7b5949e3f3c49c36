#include "signal/readers/mat.h"

#include <cmath>
#include <set>

#include "core/error.h"
#include "signal/readers/keys.h"
#include "signal/readers/mat_file.h"
#include "signal/readers/source_files.h"

namespace edgeproof::signal {
namespace {

void validate(const MatOptions& options) {
  if (options.files.empty()) fail(ErrorCode::bad_config, "no MATLAB files are given");
  if (options.channels.empty()) {
    fail(ErrorCode::bad_config, "{}: name the variables that are the channels",
         options.path.string());
  }
  if (!(std::isfinite(options.rate_hz) && options.rate_hz > 0)) {
    fail(ErrorCode::bad_config, "rate_hz is {}, expected a positive number", options.rate_hz);
  }
  std::set<std::string> seen;
  for (const MatFileOptions& file : options.files) {
    if (!seen.insert(file.file).second) {
      fail(ErrorCode::bad_config, "MATLAB file '{}' is listed twice", file.file);
    }
  }
}

// The vectors side by side, [length, channels].
std::vector<float> interleaved(const std::vector<std::vector<float>>& vectors) {
  const std::size_t channels = vectors.size();
  std::vector<float> samples(vectors.front().size() * channels);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t t = 0; t < vectors[c].size(); ++t) samples[t * channels + c] = vectors[c][t];
  }
  return samples;
}

}  // namespace

RecordingSet read_mat(const MatOptions& options) {
  validate(options);
  RecordingSet set;
  set.name = options.path.stem().string();
  set.rate_hz = options.rate_hz;
  set.channels = make_channels(options.channels);
  set.triads = make_triads(options.triads, set.channels);
  std::vector<std::string> files, variables;
  for (const MatFileOptions& file : options.files) files.push_back(file.file);
  for (const ChannelOptions& channel : options.channels) variables.push_back(channel.name);

  set.recordings.resize(files.size());
  set.checksum =
      visit_source_files(options.path, files, options.max_file_bytes, [&](const SourceFile& file) {
        const auto vectors = read_mat_vectors(file.bytes, file.place, variables);
        for (std::size_t c = 1; c < vectors.size(); ++c) {
          if (vectors[c].size() != vectors[0].size()) {
            fail(ErrorCode::bad_input, "{}: '{}' has {} values, but '{}' has {}", file.place,
                 variables[c], vectors[c].size(), variables[0], vectors[0].size());
          }
        }
        Recording& recording = set.recordings[file.index];
        recording.samples = interleaved(vectors);
        recording.labels.assign(vectors[0].size(), -1);
      });

  NameTable classes, groups;
  for (const MatFileOptions& file : options.files) {
    if (!file.label.empty()) classes.index(file.label);
    groups.index(file.group.empty() ? file.file : file.group);
  }
  NameTable::Sorted sorted_classes = classes.sort();
  NameTable::Sorted sorted_groups = groups.sort();
  for (std::size_t r = 0; r < set.recordings.size(); ++r) {
    const MatFileOptions& file = options.files[r];
    Recording& recording = set.recordings[r];
    recording.name = std::filesystem::path(file.file).stem().string();
    recording.group =
        sorted_groups.place[groups.index(file.group.empty() ? file.file : file.group)];
    if (file.label.empty()) continue;
    recording.labels.assign(recording.labels.size(),
                            sorted_classes.place[classes.index(file.label)]);
  }
  set.classes = std::move(sorted_classes.names);
  set.group_names = std::move(sorted_groups.names);
  return set;
}

namespace {

const Key<Names> kFileLabels{.name = "file_labels",
                             .meaning = "the class of each of `files`.",
                             .allowed = {.empty_list = true, .repeats = true},
                             .one_each_of = "files"};
const Key<Names> kFileGroups{
    .name = "file_groups",
    .meaning = "the group of each of `files`; none: each is a group of its own.",
    .allowed = {.empty_list = true, .repeats = true},
    .one_each_of = "files"};

MatOptions mat_options(const SourceRequest& request) {
  const Settings& settings = request.settings;
  MatOptions options{.path = path_of(request),
                     .channels = channels_of(settings),
                     .triads = triads_of(settings),
                     .rate_hz = settings.get(kRateHz)};
  const Names files = settings.get(kFiles);
  const Names labels = settings.get(kFileLabels);
  const Names groups = settings.get(kFileGroups);
  for (std::size_t f = 0; f < files.size(); ++f) {
    options.files.push_back({.file = files[f],
                             .label = labels.empty() ? "" : labels[f],
                             .group = groups.empty() ? "" : groups[f]});
  }
  return options;
}

}  // namespace

Source mat_source() {
  return {
      .name = "mat",
      .meaning = "MATLAB's files, a recording each",
      .keys = {use(kPath), need(kFiles, "names in `path`, each a recording."), use(kFileLabels),
               use(kFileGroups), use(kRateHz), use(kChannels, "variables, or how their names end."),
               use(kUnits), use(kDerivedFrom), use(kDerived), use(kTriads)},
      .read = [](const SourceRequest& request) { return read_mat(mat_options(request)); },
      .endings = {".mat"},
      .describe_file =
          [](const std::filesystem::path& file) {
            FileRequest request{in_its_folder(file)};
            request.settings.set(kFiles, {file.filename().string()});
            return request;
          }};
}

}  // namespace edgeproof::signal
