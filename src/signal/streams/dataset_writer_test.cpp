#include "signal/streams/dataset_writer.h"

#include <cmath>

#include "signal/readers/csv.h"
#include "signal/readers/npz.h"
#include "signal/signal_testing.h"
#include "signal/windows.h"

namespace edgeproof::signal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two recordings of person "ä,b" and one of "c", 6 samples of two channels each at 10 Hz.
RecordingSet example() {
  RecordingSet set{.name = "example",
                   .rate_hz = 10,
                   .channels = {{"a", "g", 0}, {"b", "", 1}},
                   .classes = {"läuft", "sits"},
                   .group_names = {"ä,b", "c"}};
  for (int r = 0; r < 3; ++r) {
    Recording recording{.name = fmt::format("r{}", r), .group = r / 2};
    for (int t = 0; t < 6; ++t) {
      recording.samples.push_back(static_cast<float>(100 * r + t) / 8);
      recording.samples.push_back(t == 2 ? NAN : -1.0F);
      recording.labels.push_back(t < 3 ? 0 : t == 5 ? -1 : 1);
    }
    set.recordings.push_back(recording);
  }
  return set;
}

void expect_equal(const RecordingSet& found, const RecordingSet& expected) {
  ASSERT_EQ(found.recordings.size(), expected.recordings.size());
  EXPECT_EQ(found.classes, expected.classes);
  for (std::size_t r = 0; r < found.recordings.size(); ++r) {
    const Recording &a = found.recordings[r], &b = expected.recordings[r];
    EXPECT_EQ(found.group_names[a.group], expected.group_names[b.group]);
    EXPECT_EQ(a.labels, b.labels);
    ASSERT_EQ(a.samples.size(), b.samples.size());
    for (std::size_t i = 0; i < a.samples.size(); ++i) {
      EXPECT_TRUE(a.samples[i] == b.samples[i] ||
                  (std::isnan(a.samples[i]) && std::isnan(b.samples[i])));
    }
  }
}

TEST(DatasetWriter, CsvIsReadBack) {
  const TempFolder folder;
  write_stream_csv(example(), folder / "x.csv");
  const RecordingSet found = read_csv({.paths = {folder / "x.csv"},
                                       .time_column = "time",
                                       .label_column = "label",
                                       .group_column = "group"});
  EXPECT_DOUBLE_EQ(found.rate_hz, 10);
  RecordingSet expected = example();
  expect_equal(found, expected);
}

TEST(DatasetWriter, StreamsAreReadBackFromNpz) {
  const TempFolder folder;
  write_stream_npz(example(), folder / "x.npz");
  RecordingSet expected = example();
  expected.group_names = {"r0", "r1", "r2"};
  for (int r = 0; r < 3; ++r) expected.recordings[r].group = r;
  expect_equal(read_npz({.path = folder / "x.npz", .rate_hz = 10, .groups_array = "recordings"}),
               expected);
}

TEST(DatasetWriter, WindowsAreReadBackFromNpz) {
  const TempFolder folder;
  const Dataset dataset = cut_dataset(example(), {.length = 3});
  ASSERT_EQ(dataset.train.size(), 6u);
  write_windows(dataset, true, folder / "x.npz");
  const RecordingSet found = read_npz({.path = folder / "x.npz", .rate_hz = 10});
  ASSERT_EQ(found.recordings.size(), 6u);
  EXPECT_TRUE(found.cut);
  EXPECT_THAT(found.classes, ElementsAre("läuft", "sits"));
  EXPECT_EQ(found.recordings[3].samples[0], (100 + 3) / 8.0F);
  EXPECT_THAT(found.recordings[3].labels, ElementsAre(1, 1, 1));
  EXPECT_EQ(found.group_names[found.recordings[3].group], "ä,b");
  // The part is one more array.
  const RecordingSet parts =
      read_npz({.path = folder / "x.npz", .rate_hz = 10, .labels_array = "part"});
  EXPECT_THAT(parts.classes, ElementsAre("train"));
  write_windows(dataset, false, folder / "y.npz");
  EXPECT_THAT(error_of([&] {
                read_npz({.path = folder / "y.npz", .rate_hz = 10, .labels_array = "part"});
              }),
              HasSubstr("no array 'part'"));
}

TEST(DatasetWriter, WhatIsNoStreamIsRefused) {
  const TempFolder folder;
  RecordingSet set = example();
  set.recordings[1].events = {{3, 0}};
  EXPECT_THAT(error_of([&] { write_stream_csv(set, folder / "x.csv"); }), HasSubstr("events"));
  set.cut = true;
  EXPECT_THAT(error_of([&] { write_stream_npz(set, folder / "x.npz"); }), HasSubstr("no stream"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace edgeproof::signal
