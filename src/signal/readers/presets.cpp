// Checksums are those of the data sets as published; that they are right is tested by the readers'
// Data suites and presets_test.cpp.

#include "signal/readers/presets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/keys.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUcr = "ucr:";

PresetPlace folder(const std::string& name, const std::string& probe) {
  return {{name.empty() ? probe : name + "/" + probe}, {name}};
}
PresetPlace archives(const std::vector<std::string>& names) {
  return {names, names};
}

Preset uci_har() {
  const std::string zip = "human+activity+recognition+using+smartphones.zip";
  return {
      .name = "uci_har",
      .contents = "the folder 'UCI HAR Dataset' (with train/ and test/)",
      .places = {folder("", "train"), folder("UCI HAR Dataset", "train"),
                 archives({"uci_har_inertial.tar.xz"}), archives({zip}),
                 archives({"UCI HAR Dataset.zip"})},
      .downloads = {{"https://archive.ics.uci.edu/static/public/240/" + zip, zip}},
      .checksum = "3039ad42c1e029eb5d0bfdbaf57216841df1aab7bbffbf36441b63862d756d60",
  };
}

Preset mitbih() {
  const std::string name = "mit-bih-arrhythmia-database-1.0.0";
  return {
      .name = "mitbih",
      .contents = "the records of the MIT-BIH Arrhythmia Database (100.hea, ...)",
      .places = {folder("", "100.hea"), folder("mitdb", "100.hea"), folder(name, "100.hea"),
                 archives({"mitdb_ds1.tar.xz", "mitdb_ds2.tar.xz"}), archives({name + ".zip"})},
      .downloads = {{"https://physionet.org/static/published-projects/mitdb/" + name + ".zip",
                     name + ".zip"}},
      .checksum = "3003c6b9f8db9e83dca114a4372b49638fcb0601af982d1799be583190b9c99a",
  };
}

// The Bearing Data Center has a file a recording, and numbers them; the files' variables have the
// numbers, too (X105_DE_time).
Preset cwru() {
  const std::array<std::pair<const char*, int>, 9> first{{{"B007", 118},
                                                          {"B014", 185},
                                                          {"B021", 222},
                                                          {"IR007", 105},
                                                          {"IR014", 169},
                                                          {"IR021", 209},
                                                          {"OR007@6", 130},
                                                          {"OR014@6", 197},
                                                          {"OR021@6", 234}}};
  constexpr auto kUrl = "https://engineering.case.edu/sites/default/files/{}.mat";
  Preset preset{
      .name = "cwru",
      .contents = "the folder '12k_DE' with IR007_0.mat and so on",
      .places = {folder("", "12k_DE"), folder("cwru", "12k_DE"), archives({"cwru_12k_de.tar.xz"})},
      .checksum = "7613fe6c3e467272ae8bc9cf1a254668c340cbf5bb684c6824e72cd6fd47d6c9",
  };
  for (const auto& [name, number] : first) {
    for (int load = 0; load < 4; ++load) {
      preset.downloads.push_back(
          {fmt::format(kUrl, number + load), fmt::format("cwru/12k_DE/{}_{}.mat", name, load)});
    }
  }
  preset.downloads.push_back({fmt::format(kUrl, 97), "cwru/normal_48k/Normal_0.mat"});
  return preset;
}

Preset ucr(const std::string& name) {
  const std::string train = name + "_TRAIN.ts";
  static const std::map<std::string, std::string> kChecksums{
      {"BasicMotions", "9b18975a8e4a7ad6404dd1a7174edceb09f36b7dfa0e5ef937b7b0299d725c0f"},
      {"DodgerLoopDay", "afc2cd0345468d378d03a35574063ad7b8e5cdcfa0f4af4ef2030fafa5e6441d"},
      {"ECG200", "63eb1e49a235b1a5c4aa08236798b39ee86628f2f4847004130590565877281a"},
      {"Epilepsy", "6f7c5086679642d64f3c87c79fc52b88c3eb5dde4921586f3224f2a6db8acb07"},
      {"GesturePebbleZ1", "811d52d0bff53ab40fa3201f7d9594e118d4b5a10619f0e576f5f2e2ec6c5757"},
  };
  const auto known = kChecksums.find(name);
  return {
      .name = std::string(kUcr) + name,
      .contents = fmt::format("{}/{}", name, train),
      .places = {folder("", train), folder(name, train), folder("Univariate_ts/" + name, train),
                 folder("Multivariate_ts/" + name, train), archives({name + ".zip"}),
                 archives({"ucr_uea_sample.tar.xz"})},
      .downloads = {{"https://timeseriesclassification.com/aeon-toolkit/" + name + ".zip",
                     name + ".zip"}},
      .checksum = known == kChecksums.end() ? "" : known->second,
  };
}

}  // namespace

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> kNames{"uci_har", "mitbih", "cwru", "ucr:NAME"};
  return kNames;
}

bool is_preset(std::string_view name) {
  return name.starts_with(kUcr) || std::ranges::count(preset_names(), name) != 0;
}

Preset preset(std::string_view name) {
  if (name == "uci_har") return uci_har();
  if (name == "mitbih") return mitbih();
  if (name == "cwru") return cwru();
  if (!name.starts_with(kUcr)) {
    fail(ErrorCode::bad_config, "unknown data set '{}'{}", name,
         did_you_mean(name, preset_names()));
  }
  const std::string_view of_archive = name.substr(kUcr.size());
  const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (of_archive.empty() || !std::ranges::all_of(of_archive, is_word)) {
    fail(ErrorCode::bad_config,
         "'{}' is no name of a UCR or UEA data set; expected, for example, ucr:BasicMotions",
         of_archive);
  }
  return ucr(std::string(of_archive));
}

std::vector<fs::path> find_preset(std::string_view name, const fs::path& path) {
  const Preset wanted = preset(name);
  if (!fs::exists(path)) return {};
  if (!fs::is_directory(path)) return {path};
  for (const PresetPlace& place : wanted.places) {
    if (!std::ranges::all_of(place.probes, [&](const auto& p) { return fs::exists(path / p); })) {
      continue;
    }
    std::vector<fs::path> sources;
    for (const std::string& source : place.sources) sources.push_back(path / source);
    return sources;
  }
  return {};
}

std::vector<fs::path> locate_preset(std::string_view name, const fs::path& path) {
  std::vector<fs::path> found = find_preset(name, path);
  if (!found.empty()) return found;
  if (!fs::exists(path)) fail(ErrorCode::io, "{}: no such file or folder", path.string());
  fail(ErrorCode::bad_input,
       "{}: expected {} in it, or an archive of it; 'edgeproof data fetch {}' downloads it",
       path.string(), preset(name).contents, name);
}

fs::path preset_path(const SourceRequest& request) {
  const fs::path path = path_of(request);
  const bool given = request.settings.is_set(kPath.name);
  if (given || request.downloads.empty() || !find_preset(request.source, path).empty()) return path;
  return find_preset(request.source, request.downloads).empty() ? path : request.downloads;
}

}  // namespace edgeproof::signal
