// Test: ucr_test.cpp.

#include "signal/readers/ucr.h"

#include "core/error.h"
#include "signal/readers/ts.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;

// The folder, or archive, below which the train file is.
fs::path locate(const fs::path& path, const std::string& name, const std::string& train_file) {
  if (!fs::exists(path)) fail(ErrorCode::io, "{}: no such file or folder", path.string());
  if (!fs::is_directory(path)) return path;
  for (const fs::path& folder : {fs::path(), fs::path(name), fs::path("Univariate_ts") / name,
                                 fs::path("Multivariate_ts") / name}) {
    if (fs::exists(path / folder / train_file)) return path / folder;
  }
  if (fs::exists(path / "ucr_uea_sample.tar.xz")) return path / "ucr_uea_sample.tar.xz";
  fail(ErrorCode::bad_input, "{}: expected {}/{} in it, or an archive", path.string(), name,
       train_file);
}

// What the descriptions of the data sets say for certain; no word of a unit leaves it empty.
void declare_known(const std::string& name, CaseOptions& options) {
  if (name == "BasicMotions") {
    options.rate_hz = 10;
    options.channels = {{"acc_x"}, {"acc_y"}, {"acc_z"}, {"gyro_x"}, {"gyro_y"}, {"gyro_z"}};
    options.triads = {{"acc_x", "acc_y", "acc_z"}, {"gyro_x", "gyro_y", "gyro_z"}};
  } else if (name == "Epilepsy") {
    options.rate_hz = 16;
    options.channels = {{"acc_x", "g"}, {"acc_y", "g"}, {"acc_z", "g"}};
    options.triads = {{"acc_x", "acc_y", "acc_z"}};
  } else if (name == "DodgerLoopDay" || name == "DodgerLoopGame" || name == "DodgerLoopWeekend") {
    options.rate_hz = 1.0 / 300;  // 288 counts a day
    options.channels = {{"vehicles"}};
  }
}

}  // namespace

RecordingSet read_ucr(const UcrOptions& options) {
  const bool is_name = !options.name.empty() &&
                       options.name.find_first_of("/\\") == std::string::npos &&
                       options.name.front() != '.';
  if (!is_name) {
    fail(ErrorCode::bad_config, "'{}' is no name of a UCR or UEA data set", options.name);
  }
  CaseOptions cases{.train_file = options.name + "_TRAIN.ts",
                    .test_file = options.name + "_TEST.ts",
                    .unequal_length = options.unequal_length};
  cases.path = locate(options.path, options.name, cases.train_file);
  declare_known(options.name, cases);
  if (options.rate_hz != 0) cases.rate_hz = options.rate_hz;
  RecordingSet set = read_ts(cases);
  set.name = options.name;
  return set;
}

}  // namespace edgeproof::signal
