#include "experiment/recordings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "experiment/config_file.h"
#include "experiment/data.h"
#include "signal/readers/keys.h"

namespace edgeproof::experiment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

class Recordings : public testing::Test {
 protected:
  signal::RecordingSet load(const std::string& keys) const {
    return load_recordings(parse_config("[data]\n" + keys, "test").data, folder_.path());
  }
  std::string error_of(const std::string& keys) const {
    try {
      load(keys);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  // Two cases of three channels in each part.
  void write_cases(const fs::path& folder) const {
    fs::create_directories(folder);
    for (const char* part : {"TRAIN", "TEST"}) {
      write_file(folder / fmt::format("X_{}.ts", part),
                 "@problemName X\n@timeStamps false\n@univariate false\n@classLabel true a b\n"
                 "@data\n1,2,3:4,5,6:7,8,9:a\n3,2,1:6,5,4:9,8,7:b\n");
    }
  }

  TempFolder folder_;
};

TEST_F(Recordings, TriadsAndNamesReachTheReaders) {
  write_cases(folder_.path());
  const auto set = load(
      "source = \"ts\"\nfiles = [\"X_TRAIN.ts\", \"X_TEST.ts\"]\nrate_hz = 10\n"
      "channels = [\"ax\", \"ay\", \"az\"]\nunits = [\"g\", \"g\", \"g\"]\ntriads = [\"ax,ay, "
      "az\"]\n");
  EXPECT_EQ(set.rate_hz, 10);
  EXPECT_EQ(set.channels[2].unit, "g");
  EXPECT_THAT(set.triads, ElementsAre(std::array<int, 3>{0, 1, 2}));
  EXPECT_EQ(set.recordings[3].part, signal::Part::test);
  EXPECT_THAT(error_of("source = \"ts\"\nfiles = [\"X_TRAIN.ts\"]\ntriads = [\"dim0,dim1\"]\n"),
              HasSubstr("expected three channels"));
  EXPECT_THAT(error_of("source = \"ts\"\nfiles = [\"X_TRAIN.ts\"]\nresample_hz = 5\n"),
              HasSubstr("cut into windows"));
}

TEST_F(Recordings, AnnotationClassesAndAlternativeSignals) {
  // Two samples of one signal in format 16; a beat N at sample 1 and the end.
  write_file(folder_ / "1.hea", "1 1 100 4\n1.dat 16 200 12 0 1 10 0 V5\n");
  write_file(folder_ / "1.dat", std::string("\x01\0\x02\0\x03\0\x04\0", 8));
  write_file(folder_ / "1.atr", std::string("\x01\x04\0\0", 4));
  const std::string keys = "source = \"wfdb\"\nchannels = [\"V: V1 V5\"]\n";
  const auto set = load(keys + "classes = [\"beat: N L\", \"other: V\"]\n");
  EXPECT_EQ(set.channels[0].name, "V");
  EXPECT_THAT(set.classes, ElementsAre("beat", "other"));
  ASSERT_EQ(set.recordings[0].events.size(), 1u);
  EXPECT_EQ(set.recordings[0].events[0].label, 0);
  EXPECT_THAT(load(keys + "classes = [\"aami_rare\"]\n").classes,
              ElementsAre("N", "S", "V", "F", "Q"));
  EXPECT_THAT(error_of(keys + "classes = [\"beat\"]\n"), HasSubstr("expected a name and symbols"));
  EXPECT_THAT(error_of(keys + "records = [\"2\"]\n"), HasSubstr("2.hea"));
}

TEST_F(Recordings, WhatIsNotInTheFolderIsTakenFromTheCache) {
  ASSERT_EQ(setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1), 0);
  fs::create_directories(folder_ / "here");
  const DataConfig data{.source = "ucr:X"};
  try {
    load_recordings(data, folder_ / "here");
    FAIL() << "there is no X yet";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'edgeproof data fetch ucr:X' downloads it"));
  }
  write_cases(data_cache() / "X");
  EXPECT_EQ(load_recordings(data, folder_ / "here").recordings.size(), 4u);
  // A path that was given is meant.
  DataConfig elsewhere = data;
  elsewhere.settings.set(signal::kPath, "nowhere");
  EXPECT_THROW(load_recordings(elsewhere, folder_.path()), Error);
}

TEST_F(Recordings, ResamplingAndEventOffsetInSeconds) {
  Config config;
  config.data.resample_hz = 25;
  const auto set = load_recordings(config.data, {});
  EXPECT_EQ(set.rate_hz, 25);
  config.window = {.length = 2, .hop = 1, .unit = "seconds", .event_offset = 0.4};
  const auto windows = window_options(config, set);
  EXPECT_EQ(windows.length, 50);
  EXPECT_EQ(windows.event_offset, 10);
}

}  // namespace
}  // namespace edgeproof::experiment
