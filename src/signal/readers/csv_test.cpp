#include "signal/readers/csv.h"

#include <cmath>
#include <limits>

#include "core/files.h"
#include "signal/readers/csv_records.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

class Csv : public testing::Test {
 protected:
  // Options that read `text`, written to a file.
  CsvOptions file(const std::string& text, const std::string& name = "data.csv") {
    write_file(folder_ / name, text);
    return {.paths = {folder_ / name}};
  }
  std::string error(const CsvOptions& options) {
    return error_of([&] { read_csv(options); });
  }
  // The message of reading `text` with columns time (t), label and group.
  std::string error(const std::string& text) {
    CsvOptions options = file(text);
    options.time_column = "t";
    options.channels = {{.name = "x"}};
    return error(options);
  }
  TempFolder folder_;
};

// Equal, and missing in the same places.
void expect_samples(const Recording& recording, const std::vector<float>& expected) {
  ASSERT_EQ(recording.samples.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(recording.samples[i])) << i;
    } else {
      EXPECT_EQ(recording.samples[i], expected[i]) << i;
    }
  }
}

TEST_F(Csv, ColumnsBecomeChannelsLabelsAndGroups) {
  CsvOptions options = file(
      "t,y,label,who,x\n"
      "0.00,1,walk,b,-5\n"
      "0.02,2,walk,b,6e-1\n"
      "0.04,3,,b,7\n"
      "0.00,4,sit,a,8\n"
      "0.02,5,walk,a,9\n");
  options.time_column = "t";
  options.label_column = "label";
  options.group_column = "who";
  options.channels = {{.name = "x", .unit = "g"}, {.name = "y", .unit = "V"}};
  const RecordingSet set = read_csv(options);
  EXPECT_EQ(set.rate_hz, 50);
  EXPECT_FALSE(set.cut);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"sit", "walk"}));
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(set.channels[1].name, "y");
  EXPECT_EQ(set.channels[1].unit, "V");
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(set.recordings[0].group, 1);
  EXPECT_EQ(set.recordings[0].labels, (std::vector<std::int32_t>{1, 1, -1}));
  expect_samples(set.recordings[0], {-5, 1, 0.6F, 2, 7, 3});
  EXPECT_EQ(set.recordings[1].group, 0);
  EXPECT_EQ(set.recordings[1].labels, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(set.checksum, sha256_of_file(folder_ / "data.csv"));
}

TEST_F(Csv, WithoutAListAllOtherColumnsAreChannels) {
  CsvOptions options = file("a,label,b\n1,x,2\n");
  options.rate_hz = 10;
  options.label_column = "label";
  const RecordingSet set = read_csv(options);
  ASSERT_EQ(set.channels.size(), 2u);
  EXPECT_EQ(set.channels[0].name, "a");
  EXPECT_EQ(set.channels[1].name, "b");
}

TEST_F(Csv, EmptyCellsAndNanAndNaAreMissing) {
  CsvOptions options = file("a,b\n,1\nNaN,2\nNA, \n-nan,3\n");
  options.rate_hz = 10;
  EXPECT_THAT(error(options), HasSubstr("line 5, column 'a': found '-nan'"));
  options = file("a,b\n,1\nNaN,2\nNA, \n");
  options.rate_hz = 10;
  expect_samples(read_csv(options).recordings[0], {kMissing, 1, kMissing, 2, kMissing, kMissing});
}

TEST_F(Csv, InASingleColumnAnEmptyLineIsAMissingSample) {
  CsvOptions options = file("a\n1\n\n3\n");
  options.rate_hz = 10;
  expect_samples(read_csv(options).recordings[0], {1, kMissing, 3});
}

TEST_F(Csv, ShortGapsAreFilledWithTheLabelBeforeThem) {
  CsvOptions options = file("t,x,l\n0,1,a\n1,2,a\n2.4,3,b\n3.4,4,b\n6.4,5,a\n");
  options.time_column = "t";
  options.label_column = "l";
  options.max_gap_s = 3.5;
  const RecordingSet set = read_csv(options);
  ASSERT_EQ(set.recordings.size(), 1u);
  expect_samples(set.recordings[0], {1, 2, 3, 4, kMissing, kMissing, 5});
  EXPECT_EQ(set.recordings[0].labels, (std::vector<std::int32_t>{0, 0, 1, 1, 1, 1, 0}));
}

TEST_F(Csv, LongGapsBeginARecording) {
  CsvOptions options = file("t,x\n0,1\n1,2\n4.1,3\n5.1,4\n");
  options.time_column = "t";
  options.max_gap_s = 3;
  const RecordingSet set = read_csv(options);
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(set.recordings[0].length(), 2);
  EXPECT_EQ(set.recordings[1].length(), 2);
  EXPECT_EQ(set.group_names.size(), 1u);  // still the same file
}

TEST_F(Csv, EachFileIsAGroupAndBeginsARecording) {
  CsvOptions options = file("x\n1\n", "run2.csv");
  options.paths.push_back(file("x\n2\n", "run1.csv").paths[0]);
  options.rate_hz = 10;
  const RecordingSet set = read_csv(options);
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"run1", "run2"}));
  EXPECT_EQ(set.recordings[0].group, 1);
  EXPECT_EQ(set.recordings[1].group, 0);
  expect_samples(set.recordings[1], {2});
}

TEST_F(Csv, FilesOfTheSameNameInTwoFoldersAreTwoGroups) {
  std::filesystem::create_directories(folder_ / "p");
  CsvOptions options = file("x\n1\n");
  options.paths.push_back(file("x\n2\n", "p/data.csv").paths[0]);
  options.rate_hz = 10;
  EXPECT_EQ(read_csv(options).group_names.size(), 2u);
}

TEST_F(Csv, TheRateIsTheMedianStepInTheUnitGiven) {
  CsvOptions options = file("t,x\n1000,1\n1008,2\n1015,3\n1023,4\n1031,5\n");
  options.time_column = "t";
  options.time_unit_s = 0.001;
  EXPECT_EQ(read_csv(options).rate_hz, 125);
  options.rate_hz = 128;
  EXPECT_EQ(read_csv(options).rate_hz, 128);  // what is given counts, if it is not far off
  options.time_unit_s = 1;
  options.max_gap_s = 100;
  EXPECT_THAT(error(options), HasSubstr("given as 128 Hz, but the median step of column 't'"));
}

TEST_F(Csv, QuotesLineEndsAndByteOrderMarksAreUnderstood) {
  CsvOptions options = file("\xEF\xBB\xBF\"a\";\"say \"\"hi\"\"\"\r\n\"1\";\"2\"\r\n\r\n3;\"\"");
  options.separator = ';';
  options.rate_hz = 10;
  const RecordingSet set = read_csv(options);
  EXPECT_EQ(set.channels[0].name, "a");
  EXPECT_EQ(set.channels[1].name, "say \"hi\"");
  expect_samples(set.recordings[0], {1, 2, 3, kMissing});
}

TEST_F(Csv, AQuotedFieldMayHoldSeparatorsAndLineEnds) {
  CsvOptions options = file("x,l\n1,\"a,b\nc\"\n2,q\n");
  options.rate_hz = 10;
  options.label_column = "l";
  EXPECT_EQ(read_csv(options).classes, (std::vector<std::string>{"a,b\nc", "q"}));
}

// Lines that end anywhere within the pieces in which a file is read.
TEST_F(Csv, PiecesOfTheFileDoNotShow) {
  std::string text = "x,l\n";
  int rows = 0;
  while (text.size() < 300000) {
    text +=
        fmt::format("{},{}\n", rows % 1000, std::string(static_cast<std::size_t>(rows % 37), 'q'));
    ++rows;
  }
  CsvOptions options = file(text);
  options.rate_hz = 10;
  options.label_column = "l";
  const RecordingSet set = read_csv(options);
  ASSERT_EQ(set.recordings[0].length(), rows);
  EXPECT_EQ(set.classes.size(), 36u);
  for (int i = 0; i < rows; ++i) {
    ASSERT_EQ(set.recordings[0].samples[i], static_cast<float>(i % 1000));
    ASSERT_EQ(set.recordings[0].labels[i], i % 37 - 1);
  }
}

TEST_F(Csv, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(error("t,x\n0,1\n1,abc\n"),
              HasSubstr("data.csv, line 3, column 'x': found 'abc', expected a finite number"));
  EXPECT_THAT(error("t,x\n0,inf\n"), HasSubstr("line 2, column 'x': found 'inf'"));
  EXPECT_THAT(error("t,x\n0,1e39\n"), HasSubstr("found '1e39'"));
  EXPECT_THAT(error("t,x\n0,1\n1\n"), HasSubstr("line 3: 1 fields, but the header has 2"));
  EXPECT_THAT(error("t,x\n0,1\n1,2,3\n"), HasSubstr("line 3: 3 fields"));
  EXPECT_THAT(error("t,x\n0,1\n1,2\n1,3\n"), HasSubstr("line 4, column 't': the time goes from 1"));
  EXPECT_THAT(error("t,x\n0,1\n,2\n"), HasSubstr("line 3, column 't': the time is missing"));
  EXPECT_THAT(error("t,x,t\n0,1,2\n"), HasSubstr("two columns are named 't'"));
  EXPECT_THAT(error("time,t,sample\n0,1,2\n"),
              HasSubstr("line 1: no column 'x', did you mean 't'?"));
  EXPECT_THAT(error("t,x\n"), HasSubstr("no rows after the header"));
  EXPECT_THAT(error(""), HasSubstr("is empty, expected a header line"));
  EXPECT_THAT(error("t,x\n0,\"1\n1,2\n"), HasSubstr("line 2: a quote is not closed"));
  EXPECT_THAT(error("t,x\n0,\"1\"2\n"), HasSubstr("field 2 goes on after its closing quote"));
  EXPECT_THAT(error("t,x\n0,1\n"), HasSubstr("too few rows"));
  EXPECT_THAT(error("t,x\n0,\"1\n\n\n\"\n1,x\n"), HasSubstr("line 6, column 'x'"));
}

TEST_F(Csv, AnEndlessLineOrGapIsRefused) {
  EXPECT_THAT(error("t,x\n0," + std::string(2 << 20, '1')), HasSubstr("more than 1048576 bytes"));
  EXPECT_THAT(error("t,x\n0,1\n1e-9,1\n2e-9,1\n3e-9,1\n9,1\n"), HasSubstr("too many"));
}

TEST_F(Csv, OptionsAreChecked) {
  CsvOptions options = file("x\n1\n");
  EXPECT_THAT(error(options), HasSubstr("give a sampling rate or a time column"));
  options.rate_hz = -5;
  EXPECT_THAT(error(options), HasSubstr("rate_hz is -5"));
  EXPECT_THAT(error(CsvOptions{}), HasSubstr("no CSV files"));
  EXPECT_THAT(error(CsvOptions{.paths = {folder_ / "none.csv"}, .rate_hz = 1}),
              HasSubstr("none.csv: cannot open"));
  EXPECT_THAT(error(CsvOptions{.paths = {folder_.path()}, .rate_hz = 1}),
              HasSubstr("is a directory"));
  options = file("x,g\n1,\n");
  options.rate_hz = 1;
  options.group_column = "g";
  EXPECT_THAT(error(options), HasSubstr("line 2, column 'g': the group is empty"));
}

// pandas writes its index so.
TEST(CsvHeader, AColumnWithoutANameIsRefused) {
  const TempFolder folder;
  write_tree(folder.path(), {{"a.csv", ",x\n0,1\n1,2\n"}});
  EXPECT_THAT(error_of([&] { read_csv({.paths = {folder / "a.csv"}, .rate_hz = 1}); }),
              testing::HasSubstr("a.csv, line 1: a column has no name"));
}

}  // namespace
}  // namespace edgeproof::signal
