#include "signal/readers/uci_har.h"

#include <map>
#include <set>

#include "core/files.h"
#include "signal/readers/keys.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A value that tells part, signal, row and sample apart.
double value(std::size_t part, std::size_t signal, std::size_t row, std::size_t t) {
  return static_cast<double>(part) + static_cast<double>(signal) * 10 +
         static_cast<double>(row) * 0.25 + static_cast<double>(t) * 0.001;
}

const std::vector<std::string> kSignals{"body_acc_x",  "body_acc_y",  "body_acc_z",
                                        "body_gyro_x", "body_gyro_y", "body_gyro_z",
                                        "total_acc_x", "total_acc_y", "total_acc_z"};

// 3 windows for training, 2 for testing, written as the original is.
Members tiny() {
  Members files{{"activity_labels.txt",
                 "1 WALKING\n2 WALKING_UPSTAIRS\n3 WALKING_DOWNSTAIRS\n4 SITTING\n5 STANDING\n6 "
                 "LAYING\n"},
                {"train/subject_train.txt", "10\n3\n3\n"},
                {"train/y_train.txt", "5\r\n1\r\n6\r\n"},
                {"test/subject_test.txt", "4\n4"},
                {"test/y_test.txt", "2\n3\n"}};
  for (std::size_t part = 0; part < 2; ++part) {
    const std::string name = part == 0 ? "train" : "test";
    for (std::size_t signal = 0; signal < kSignals.size(); ++signal) {
      std::string text;
      for (std::size_t row = 0; row < (part == 0 ? 3 : 2); ++row) {
        for (std::size_t t = 0; t < 128; ++t)
          text += fmt::format(" {:15.7e}", value(part, signal, row, t));
        text += "\r\n";
      }
      files.emplace_back(fmt::format("{0}/Inertial Signals/{1}_{0}.txt", name, kSignals[signal]),
                         text);
    }
  }
  return files;
}

// `files` with one file's contents changed.
std::string error_with(const std::string& name, const std::string& contents) {
  const TempFolder folder;
  Members files = tiny();
  for (auto& [file, text] : files) {
    if (file == name) text = contents;
  }
  write_tree(folder.path(), files);
  return error_of([&] { read_uci_har(folder.path()); });
}

TEST(UciHar, EveryValueComesToItsPlace) {
  const TempFolder folder;
  write_tree(folder.path(), tiny());
  const RecordingSet set = read_uci_har(folder.path());
  EXPECT_EQ(set.rate_hz, 50);
  EXPECT_TRUE(set.cut);
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"3", "4", "10"}));
  ASSERT_EQ(set.recordings.size(), 5u);
  const std::vector<int> groups{2, 0, 0, 1, 1};
  const std::vector<int> labels{4, 0, 5, 1, 2};
  for (std::size_t r = 0; r < 5; ++r) {
    const Recording& recording = set.recordings[r];
    EXPECT_EQ(recording.group, groups[r]);
    EXPECT_EQ(recording.labels, std::vector<std::int32_t>(128, labels[r]));
    EXPECT_EQ(recording.part, r < 3 ? Part::train : Part::test);
    ASSERT_EQ(recording.samples.size(), 128u * 9);
    for (std::size_t t = 0; t < 128; ++t) {
      for (std::size_t c = 0; c < 9; ++c) {
        const double expected = value(r < 3 ? 0 : 1, c, r < 3 ? r : r - 3, t);
        ASSERT_FLOAT_EQ(recording.samples[t * 9 + c], static_cast<float>(expected));
      }
    }
  }
}

TEST(UciHar, BodyAccelerationIsDerivedFromTotalAcceleration) {
  const TempFolder folder;
  write_tree(folder.path(), tiny());
  const RecordingSet set = read_uci_har(folder.path());
  ASSERT_EQ(set.channels.size(), 9u);
  for (int c = 0; c < 9; ++c) {
    EXPECT_EQ(set.channels[c].name, kSignals[c]);
    EXPECT_EQ(set.channels[c].source, c < 3 ? c + 6 : c);
    EXPECT_EQ(set.channels[c].unit, c >= 3 && c < 6 ? "rad/s" : "g");
    EXPECT_EQ(set.channels[c].filter, c < 3 ? kBodyFilter : Filter{});
  }
}

TEST(UciHar, TheKeyDerivedReplacesTheFilter) {
  const TempFolder folder;
  write_tree(folder.path(), tiny());
  Settings settings;
  settings.set(kPath, folder.path().string());
  settings.set(kDerived, {"copy"});
  const RecordingSet set = uci_har_source().read({.source = "uci_har", .settings = settings});
  for (const Channel& channel : set.channels) EXPECT_EQ(channel.filter, Filter{});
  settings.set(kDerived, {"high_pass"});
  EXPECT_THAT(
      error_of([&] { uci_har_source().check({.source = "uci_har", .settings = settings}); }),
      HasSubstr("'derived' in [data] is 'high_pass' for channel 'body_acc_x'"));
}

TEST(UciHar, ATriadOfDerivedChannelsIsDerivedFromATriad) {
  const TempFolder folder;
  write_tree(folder.path(), tiny());
  const RecordingSet set = read_uci_har(folder.path());
  ASSERT_EQ(set.triads.size(), 3u);
  for (const auto& triad : set.triads) {
    std::array<int, 3> sources{};
    for (std::size_t axis = 0; axis < 3; ++axis) sources[axis] = set.channels[triad[axis]].source;
    EXPECT_THAT(set.triads, testing::Contains(sources));
    EXPECT_TRUE(set.channels[triad[0]].name.ends_with("_x"));
    EXPECT_TRUE(set.channels[triad[2]].name.ends_with("_z"));
  }
}

TEST(UciHar, IsTheSameFromEveryPlace) {
  const TempFolder folder;
  write_tree(folder / "UCI HAR Dataset", tiny());
  Members members;
  for (const auto& [name, contents] : tiny()) members.emplace_back("some/where/" + name, contents);
  write_archive(folder / "har.zip", members);
  fs::create_directories(folder / "packed");
  write_archive(folder / "packed/uci_har_inertial.tar.xz", members);

  const RecordingSet first = read_uci_har(folder / "UCI HAR Dataset");
  for (const char* place : {"", "har.zip", "packed", "packed/uci_har_inertial.tar.xz"}) {
    const RecordingSet other = read_uci_har(folder / place);
    EXPECT_EQ(other.checksum, first.checksum) << place;
    ASSERT_EQ(other.recordings.size(), first.recordings.size());
    EXPECT_EQ(other.recordings[4].samples, first.recordings[4].samples);
  }
}

// UCI publishes it so.
TEST(UciHar, IsReadOutOfAZipInAZip) {
  const TempFolder folder;
  Members inner{{"__MACOSX/UCI HAR Dataset/train/._y_train.txt", "x"}};
  for (const auto& [name, contents] : tiny()) {
    inner.emplace_back("UCI HAR Dataset/" + name, contents);
  }
  write_archive(folder / "inner.zip", inner);
  write_archive(folder / "outer.zip", {{"UCI HAR Dataset.zip", read_file(folder / "inner.zip")},
                                       {"UCI HAR Dataset.names", "text"}});
  EXPECT_EQ(read_uci_har(folder / "outer.zip").checksum,
            read_uci_har(folder / "inner.zip").checksum);

  const std::string damaged = read_file(folder / "inner.zip").substr(0, 2000);
  write_archive(folder / "outer.zip", {{"UCI HAR Dataset.zip", damaged}});
  EXPECT_THAT(error_of([&] { read_uci_har(folder / "outer.zip"); }),
              HasSubstr("outer.zip: 'UCI HAR Dataset.zip': "));
}

TEST(UciHar, ErrorsNameFileAndLine) {
  const std::string signal = "test/Inertial Signals/body_gyro_z_test.txt";
  std::string row;
  for (int t = 0; t < 127; ++t) row += " 1.0e-001";
  EXPECT_THAT(error_with(signal, row + " 2\n" + row + "\n"),
              HasSubstr("body_gyro_z_test.txt, line 2: 127 values, expected 128"));
  EXPECT_THAT(error_with(signal, row + " nan\n"),
              HasSubstr("line 1: value 128 is 'nan', expected a finite number"));
  EXPECT_THAT(error_with(signal, row + " 1e99\n"), HasSubstr("line 1: value 128 is '1e99'"));
  EXPECT_THAT(error_with(signal, row + " 1,5\n"), HasSubstr("line 1: value 129 is ',5'"));
  EXPECT_THAT(error_with(signal, row + " 2\n"), HasSubstr("body_gyro_z_test.txt has 1 rows"));
  EXPECT_THAT(error_with("train/y_train.txt", "1\n7\n1\n"),
              HasSubstr("y_train.txt, line 2: found '7', expected an integer from 1 to 6"));
  EXPECT_THAT(error_with("test/subject_test.txt", "2\n"), HasSubstr("has 1 rows"));
  EXPECT_THAT(error_with("activity_labels.txt", "1 WALKING\n3 X\n"), HasSubstr("line 2: found"));
  EXPECT_THAT(error_with("activity_labels.txt", "1 WALKING\n"), HasSubstr("lists 1 activities"));
}

TEST(UciHar, OtherPlacesAreRefused) {
  const TempFolder folder;
  EXPECT_THAT(error_of([&] { read_uci_har(folder / "none"); }), HasSubstr("no such file"));
  EXPECT_THAT(error_of([&] { read_uci_har(folder.path()); }),
              HasSubstr("expected the folder 'UCI HAR Dataset'"));
}

class UciHarData : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path folder = data_folder_with("uci_har_inertial.tar.xz");
    if (folder.empty()) GTEST_SKIP() << why_skipped("uci_har_inertial.tar.xz");
    set_ = read_uci_har(folder);
  }
  RecordingSet set_;
};

// The numbers that the data set's authors publish.
TEST_F(UciHarData, IsWhatItsAuthorsSay) {
  std::map<Part, int> windows;
  std::map<Part, std::set<int>> subjects;
  std::vector<int> train_classes(6);
  for (const Recording& recording : set_.recordings) {
    ASSERT_EQ(recording.samples.size(), 128u * 9);
    ++windows[recording.part];
    subjects[recording.part].insert(std::stoi(set_.group_names[recording.group]));
    if (recording.part == Part::train) ++train_classes[recording.labels[0]];
  }
  EXPECT_EQ(windows[Part::train], 7352);
  EXPECT_EQ(windows[Part::test], 2947);
  EXPECT_EQ(train_classes, (std::vector<int>{1226, 1073, 986, 1286, 1374, 1407}));
  EXPECT_EQ(subjects[Part::test], (std::set<int>{2, 4, 9, 10, 12, 13, 18, 20, 24}));
  EXPECT_EQ(subjects[Part::train], (std::set<int>{1,  3,  5,  6,  7,  8,  11, 14, 15, 16, 17,
                                                  19, 21, 22, 23, 25, 26, 27, 28, 29, 30}));
  EXPECT_EQ(set_.classes,
            (std::vector<std::string>{"WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS",
                                      "SITTING", "STANDING", "LAYING"}));
  EXPECT_FLOAT_EQ(set_.recordings[0].samples[0], 1.8085150e-004F);
}

// total - body is gravity: it changes slowly and, standing, has a length of about 1 g. Were the
// sources mixed up, neither would hold.
TEST_F(UciHarData, DerivedChannelsDifferFromTheirSourcesByGravity) {
  double steps = 0, lengths = 0;
  int count = 0;
  for (const Recording& recording : set_.recordings) {
    if (set_.classes[recording.labels[0]] != "STANDING") continue;
    const auto gravity = [&](int t, int c) {
      const int source = set_.channels[c].source;
      return static_cast<double>(recording.samples[t * 9 + source] - recording.samples[t * 9 + c]);
    };
    for (int t = 1; t < 128; ++t) {
      double length = 0;
      for (int c = 0; c < 3; ++c) {
        length += gravity(t, c) * gravity(t, c);
        steps = std::max(steps, std::abs(gravity(t, c) - gravity(t - 1, c)));
      }
      lengths += std::sqrt(length);
      ++count;
    }
  }
  EXPECT_NEAR(lengths / count, 1, 0.05);
  EXPECT_LT(steps, 0.05);
}

}  // namespace
}  // namespace edgeproof::signal
