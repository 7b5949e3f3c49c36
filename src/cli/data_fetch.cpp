// Test: data_test.sh.

#include "cli/data_fetch.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/download.h"
#include "core/error.h"
#include "core/files.h"
#include "experiment/recordings.h"
#include "signal/readers/cwru.h"
#include "signal/readers/keys.h"
#include "signal/readers/presets.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;

// Reads the data set, with all of its files.
std::string checksum_of(const signal::Preset& preset, const fs::path& folder) {
  experiment::DataConfig data{.source = preset.name};
  data.settings.set(signal::kPath, folder.string());
  if (preset.name.starts_with("ucr:")) data.settings.set(signal::kUnequalLength, "truncate");
  if (preset.name == "cwru") data.settings.set(signal::kNormal, true);
  return experiment::load_recordings(data, {}).checksum;
}

void expect_known_contents(const signal::Preset& preset, const std::string& checksum,
                           const std::string& place) {
  if (preset.checksum.empty() || preset.checksum == checksum) return;
  fail(ErrorCode::bad_input,
       "{}: is not the known '{}': checksum of its contents {}, expected {}; it was removed", place,
       preset.name, checksum, preset.checksum);
}

std::string address_of(const signal::PresetDownload& one, const signal::Preset& preset,
                       const std::string& from) {
  if (from.empty()) return one.url;
  if (preset.downloads.size() == 1) return from;
  return from + (from.ends_with('/') ? "" : "/") + fs::path(one.url).filename().string();
}

void download_all(const signal::Preset& preset, const FetchOptions& options, const fs::path& folder,
                  const fs::path& stage) {
  const std::size_t count = preset.downloads.size();
  for (std::size_t i = 0; i < count; ++i) {
    const signal::PresetDownload& one = preset.downloads[i];
    const std::string which = count == 1 ? "" : fmt::format(" {}/{}", i + 1, count);
    make_writable_directory((stage / one.file).parent_path());
    try {
      download(address_of(one, preset, options.from), stage / one.file,
               fmt::format("{}{}", preset.name, which));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      fail(error.code(), "{}; by hand: put it there as {}{}", error.what(),
           (folder / one.file).string(),
           count == 1 ? "" : fmt::format(", and {} files alike (docs/data.md)", count - 1));
    }
  }
}

}  // namespace

void fetch(const FetchOptions& options) {
  const signal::Preset preset = signal::preset(options.preset);
  const fs::path folder = options.folder.empty() ? experiment::data_cache() : options.folder;
  if (folder.empty()) {
    fail(ErrorCode::bad_config, "neither XDG_CACHE_HOME nor HOME is set: give a folder with -o");
  }
  if (!signal::find_preset(preset.name, folder).empty()) {
    fmt::print("{}: is in {} already, checksum {}\n", preset.name, folder.string(),
               checksum_of(preset, folder));
    return;
  }
  std::string stage_name = ".fetching-" + preset.name;
  std::ranges::replace(stage_name, ':', '-');
  const fs::path stage = folder / stage_name;
  make_writable_directory(folder);
  download_all(preset, options, folder, stage);

  // What is wrong would be wrong again: the next download begins anew.
  const std::string place = address_of(preset.downloads.front(), preset, options.from);
  std::string checksum;
  try {
    checksum = checksum_of(preset, stage);
    expect_known_contents(preset, checksum, place);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) fs::remove_all(stage);
    throw;
  }
  for (const signal::PresetDownload& one : preset.downloads) {
    fs::create_directories((folder / one.file).parent_path());
    fs::rename(stage / one.file, folder / one.file);
  }
  fs::remove_all(stage);
  fmt::print("{}: in {}, checksum {}{}\n", preset.name, folder.string(), checksum,
             preset.checksum.empty() ? " (none is known to compare it with)" : ", as known");
}

}  // namespace edgeproof::cli
