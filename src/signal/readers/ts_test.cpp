#include "signal/readers/ts.h"

#include <cmath>

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

const std::string kHeader =
    "\xEF\xBB\xBF# made\r\n@problemName Made\r\n@timeStamps false\r\n@univariate false\r\n"
    "@dimensions 2\r\n@equalLength false\r\n@classLabel true up -1\r\n@data\r\n";

CaseOptions options_of(const TempFolder& folder, UnequalLength unequal = UnequalLength::error) {
  return {.path = folder.path(),
          .train_file = "M_TRAIN.ts",
          .test_file = "M_TEST.ts",
          .rate_hz = 8,
          .unequal_length = unequal};
}

RecordingSet read(const std::string& train, const std::string& test,
                  UnequalLength unequal = UnequalLength::error) {
  const TempFolder folder;
  write_tree(folder.path(), {{"M_TRAIN.ts", train}, {"M_TEST.ts", test}});
  return read_ts(options_of(folder, unequal));
}

std::string error_with(const std::string& train) {
  return error_of([&] { read(train, kHeader + "1,2:3,4:up\n"); });
}

// Texts compare NaN, too.
std::string text_of(const std::vector<float>& values) {
  return fmt::format("{}", fmt::join(values, " "));
}

TEST(Ts, EachCaseIsAWindowAndAGroup) {
  const RecordingSet set = read(kHeader + "1,2.5,-3e1:4,5,6:up\r\n\r\n7,NaN,?:8,9,10: -1 \r\n",
                                kHeader + "0,0,0:1,1,1:up");
  EXPECT_TRUE(set.cut);
  EXPECT_EQ(set.rate_hz, 8);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"up", "-1"}));
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"train-1", "train-2", "test-1"}));
  ASSERT_EQ(set.recordings.size(), 3u);
  EXPECT_EQ(text_of(set.recordings[0].samples), "1 4 2.5 5 -30 6");
  EXPECT_EQ(text_of(set.recordings[1].samples), "7 8 nan 9 nan 10");
  EXPECT_EQ(set.recordings[1].labels, (std::vector<std::int32_t>{1, 1, 1}));
  EXPECT_EQ(set.recordings[1].part, Part::train);
  EXPECT_EQ(set.recordings[2].part, Part::test);
  EXPECT_EQ(set.recordings[2].group, 2);
  EXPECT_EQ(set.channels[1].name, "dim1");
}

TEST(Ts, UnequalLengthsAreRefusedPaddedOrTruncated) {
  const std::string train = kHeader + "1,2:3,4:up\n";
  const std::string test = kHeader + "5:6,7,8:-1\n";
  EXPECT_THAT(error_of([&] { read(train, test); }),
              HasSubstr("M_TEST.ts, line 9: 1 samples, but 2 in line 9 of"));
  const RecordingSet padded = read(train, test, UnequalLength::pad);
  EXPECT_EQ(text_of(padded.recordings[0].samples), "1 3 2 4 nan nan");
  EXPECT_EQ(text_of(padded.recordings[1].samples), "5 6 nan 7 nan 8");
  EXPECT_EQ(padded.recordings[0].labels.size(), 3u);
  EXPECT_EQ(padded.recordings[0].padding, 1);
  EXPECT_EQ(padded.recordings[1].padding, 0);
  const RecordingSet repeated = read(train, test, UnequalLength::repeat);
  EXPECT_EQ(text_of(repeated.recordings[0].samples), "1 3 2 4 1 3");
  EXPECT_EQ(repeated.recordings[0].padding, 0);
  const RecordingSet stretched = read(train, test, UnequalLength::stretch);
  EXPECT_EQ(text_of(stretched.recordings[0].samples), "1 3 1.5 3.5 2 4");
  const RecordingSet truncated = read(train, test, UnequalLength::truncate);
  EXPECT_EQ(text_of(truncated.recordings[0].samples), "1 3");
  EXPECT_EQ(text_of(truncated.recordings[1].samples), "5 6");
}

TEST(Ts, WithoutATestFileThereIsNoSplit) {
  const TempFolder folder;
  write_tree(folder.path(), {{"M_TRAIN.ts", kHeader + "1:2:up\n"}});
  CaseOptions options = options_of(folder);
  options.test_file = "";
  EXPECT_EQ(read_ts(options).recordings[0].part, Part::unassigned);
  options.channels = {{.name = "a"}};
  EXPECT_THAT(error_of([&] { read_ts(options); }),
              HasSubstr("has 2 channels, but 1 are described"));
  options.channels.clear();
  options.rate_hz = 0;
  EXPECT_THAT(error_of([&] { read_ts(options); }), HasSubstr("rate_hz is 0"));
}

TEST(Ts, ErrorsNameTheLine) {
  EXPECT_THAT(error_with(""), HasSubstr("M_TRAIN.ts: no line '@data'"));
  EXPECT_THAT(error_with(kHeader), HasSubstr("M_TRAIN.ts: no cases"));
  EXPECT_THAT(error_with("1,2:up\n"), HasSubstr("line 1: found '1,2:up', expected a header line"));
  EXPECT_THAT(error_with("@surprise\n"), HasSubstr("line 1: unknown header '@surprise'"));
  EXPECT_THAT(error_with("@timestamps true\n"), HasSubstr("unsupported"));
  EXPECT_THAT(error_with("@timestamps maybe\n"),
              HasSubstr("@timestamps is 'maybe', expected true or false"));
  EXPECT_THAT(error_with("@dimensions 0\n"), HasSubstr("@dimensions has no positive number"));
  EXPECT_THAT(error_with("@classLabel false\n@data\n"), HasSubstr("unsupported"));
  EXPECT_THAT(error_with("@data\n"), HasSubstr("line 1: no classes are declared"));
  EXPECT_THAT(error_with("@targetLabel true\n"), HasSubstr("regression"));
  EXPECT_THAT(error_with(kHeader + "(0,1),(1,2):(0,3):up\n"),
              HasSubstr("line 9: values with timestamps"));
  EXPECT_THAT(error_with(kHeader + "1,2:3,4:down\n"), HasSubstr("line 9: 'down' is no class"));
  EXPECT_THAT(error_with(kHeader + "1,2:3,4\n"),
              HasSubstr("line 9: 1 channels and a class, expected 2"));
  EXPECT_THAT(error_with(kHeader + "1,2:3,4"), HasSubstr("line 9"));
  EXPECT_THAT(error_with(kHeader + "1,x:3,4:up\n"),
              HasSubstr("line 9: value 2 is 'x', expected a finite number"));
  EXPECT_THAT(error_with(kHeader + "1,:3,4:up\n"), HasSubstr("line 9: value 2 is ''"));
  EXPECT_THAT(error_with(kHeader + "1,inf:3,4:up\n"), HasSubstr("line 9: value 2 is 'inf'"));
  EXPECT_THAT(error_with(kHeader + "1,1e99:3,4:up\n"), HasSubstr("value 2 is '1e99'"));
  EXPECT_THAT(error_with("@seriesLength 3\n@classLabel true up -1\n@data\n1,2:up\n"),
              HasSubstr("line 4: 2 values, but @seriesLength is 3"));
  EXPECT_THAT(error_with("@classLabel true up\n@data\n1,2:3,4:up\n"),
              HasSubstr("its classes are up, -1, but up in"));
  EXPECT_THAT(error_with("@classLabel true up -1\n@data\n1,2:up\n"),
              HasSubstr("line 9: 2 channels, but 1 in line 3 of"));
}

}  // namespace
}  // namespace edgeproof::signal
