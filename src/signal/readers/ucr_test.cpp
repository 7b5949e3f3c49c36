#include "signal/readers/ucr.h"

#include <cmath>
#include <map>

#include "signal/readers/arff.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

TEST(Ucr, IsFoundInEveryLayout) {
  const TempFolder folder;
  const std::string text = "@classLabel true a b\n@data\n1,2:a\n3,4:b\n";
  for (const char* place : {"X", "Univariate_ts/Y", "Multivariate_ts/Z"}) {
    const std::string name = std::filesystem::path(place).filename();
    write_tree(folder.path(), {{fmt::format("{}/{}_TRAIN.ts", place, name), text},
                               {fmt::format("{}/{}_TEST.ts", place, name), text}});
    EXPECT_EQ(read_ucr({.path = folder.path(), .name = name}).recordings.size(), 4u) << place;
  }
  EXPECT_EQ(read_ucr({.path = folder / "X", .name = "X"}).name, "X");
  write_archive(folder / "z.zip", {{"Z/Z_TRAIN.ts", text}, {"Z/Z_TEST.ts", text}});
  const RecordingSet packed = read_ucr({.path = folder / "z.zip", .name = "Z", .rate_hz = 5});
  EXPECT_EQ(packed.rate_hz, 5);
  EXPECT_EQ(packed.checksum, read_ucr({.path = folder.path(), .name = "Z"}).checksum);

  EXPECT_THAT(error_of([&] { read_ucr({.path = folder.path(), .name = "W"}); }),
              HasSubstr("expected W/W_TRAIN.ts in it"));
  EXPECT_THAT(error_of([&] { read_ucr({.path = folder / "none", .name = "W"}); }),
              HasSubstr("no such file"));
  EXPECT_THAT(error_of([&] { read_ucr({.path = folder.path(), .name = "../X"}); }),
              HasSubstr("'../X' is no name"));
}

struct Expected {
  const char* name;
  std::size_t train, test, channels;
  int length;
  double rate_hz;
  std::vector<int> train_classes;
};

TEST(UcrData, IsWhatTheArchivesSay) {
  const auto folder = data_folder_with("ucr_uea_sample.tar.xz");
  if (folder.empty()) GTEST_SKIP() << why_skipped("ucr_uea_sample.tar.xz");
  const std::vector<Expected> all{
      {"BasicMotions", 40, 40, 6, 100, 10, {10, 10, 10, 10}},
      {"Epilepsy", 137, 138, 3, 206, 16, {34, 37, 36, 30}},
      {"ECG200", 100, 100, 1, 96, 1, {31, 69}},
      {"DodgerLoopDay", 78, 80, 1, 288, 1.0 / 300, {12, 10, 10, 11, 12, 12, 11}},
      {"GesturePebbleZ1", 132, 172, 1, 455, 1, {21, 20, 22, 22, 25, 22}},
  };
  for (const Expected& one : all) {
    const RecordingSet set =
        read_ucr({.path = folder, .name = one.name, .unequal_length = UnequalLength::pad});
    std::map<Part, std::size_t> parts;
    std::vector<int> classes(set.classes.size());
    int missing = 0;
    for (const Recording& recording : set.recordings) {
      ++parts[recording.part];
      if (recording.part == Part::train) ++classes[recording.labels[0]];
      EXPECT_EQ(recording.length(), one.length);
      for (const float value : recording.samples) missing += std::isnan(value) ? 1 : 0;
    }
    EXPECT_EQ(parts[Part::train], one.train) << one.name;
    EXPECT_EQ(parts[Part::test], one.test) << one.name;
    EXPECT_EQ(set.channels.size(), one.channels) << one.name;
    EXPECT_EQ(set.triads.size(), one.channels / 3) << one.name;
    EXPECT_EQ(set.rate_hz, one.rate_hz) << one.name;
    EXPECT_EQ(classes, one.train_classes) << one.name;
    const std::string name = one.name;
    EXPECT_EQ(missing > 0, name == "DodgerLoopDay" || name == "GesturePebbleZ1") << name;
  }
  EXPECT_THAT(
      error_of([&] {
        read_ucr(
            {.path = folder, .name = "GesturePebbleZ1", .unequal_length = UnequalLength::error});
      }),
      HasSubstr("with 'unequal_length' in [data]"));
}

// One data set is there in both formats.
TEST(UcrData, ArffAndTsAgree) {
  const auto folder = data_folder_with("ucr_uea_sample.tar.xz");
  if (folder.empty()) GTEST_SKIP() << why_skipped("ucr_uea_sample.tar.xz");
  const RecordingSet ts = read_ucr({.path = folder, .name = "BasicMotions"});
  const RecordingSet arff = read_arff({.path = folder / "ucr_uea_sample.tar.xz",
                                       .train_file = "BasicMotions_TRAIN.arff",
                                       .test_file = "BasicMotions_TEST.arff"});
  ASSERT_EQ(ts.recordings.size(), arff.recordings.size());
  EXPECT_EQ(ts.classes, arff.classes);
  for (std::size_t r = 0; r < ts.recordings.size(); ++r) {
    EXPECT_EQ(ts.recordings[r].samples, arff.recordings[r].samples) << r;
    EXPECT_EQ(ts.recordings[r].labels, arff.recordings[r].labels) << r;
  }
}

}  // namespace
}  // namespace edgeproof::signal
