#include "signal/streams/survey.h"

#include <cmath>

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class SurveyTest : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) const {
    write_file(folder_ / "file.csv", text);
    return folder_ / "file.csv";
  }
  Survey survey(const std::string& text) const {
    StreamOptions options;
    options.input = file(text);
    return survey_stream(*open_csv_stream(options), "walk.csv");
  }
  Statistics table(const std::string& rows) const {
    return read_statistics(file("channel,mean,sd\n" + rows), {"ax", "ay"});
  }

  TempFolder folder_;
};

TEST_F(SurveyTest, LeavesMissingSamplesOutOfTheStatisticsButNotOfTheLength) {
  const Survey found = survey("ax,ay\n2,1\n,3\n4,NaN\n6,\n8,5\n");
  EXPECT_THAT(found.statistics.mean, ElementsAre(5, 3));
  EXPECT_THAT(found.statistics.sd,
              ElementsAre(testing::FloatEq(std::sqrt(5.0F)), testing::FloatEq(std::sqrt(8 / 3.F))));
  EXPECT_EQ(found.length, 5);
}

TEST_F(SurveyTest, AConstantChannelHasStandardDeviationOne) {
  EXPECT_THAT(survey("ax\n0.1\n0.1\n0.1\n").statistics.sd, ElementsAre(1));
}

TEST_F(SurveyTest, TakesWindowsForRecordingsOfOneLength) {
  const Members members = {
      {"x.npy", npy_bytes("'<f4'", "(2, 3, 1)", raw(std::vector<float>{0, 1, 2, 3, 4, 5}))}};
  write_archive(folder_ / "windows.npz", members);
  StreamOptions options;
  options.input = folder_ / "windows.npz";
  const Survey found = survey_stream(*open_npz_stream(options), "windows.npz");
  EXPECT_EQ(found.length, 3);
  EXPECT_THAT(found.statistics.mean, ElementsAre(2.5F));
}

TEST_F(SurveyTest, NeedsAValueOnEveryChannel) {
  EXPECT_EQ(error_of([&] { survey("ax,ay\n1,\n2,NaN\n"); }),
            "bad_input: walk.csv: channel 'ay' has no values; leave it out with --ignore");
}

TEST_F(SurveyTest, ATableNamesItsChannelsInAnyOrder) {
  const Statistics found = table("ay, -2.5 ,3\nother,x,y\nax,1,0.5\n");
  EXPECT_THAT(found.mean, ElementsAre(1, -2.5F));
  EXPECT_THAT(found.sd, ElementsAre(0.5F, 3));
}

TEST_F(SurveyTest, ATableMustSayEverythingAboutEveryChannel) {
  EXPECT_THAT(error_of([&] { table("ax,1,2\n"); }), EndsWith("there is no row for channel 'ay'"));
  for (const char* row : {"ay,1,0", "ay,1,-1", "ay,,1", "ay,inf,1", "ay,1,nan", "ay,one,1"}) {
    EXPECT_THAT(error_of([&] { table(std::string("ax,1,2\n") + row + "\n"); }),
                HasSubstr(", line 3: expected a mean, and an sd above 0"))
        << row;
  }
  EXPECT_THAT(error_of([&] { read_statistics(file("channel,sd,mean\n"), {"ax"}); }),
              EndsWith("line 1: the columns are channel,sd,mean, expected channel,mean,sd"));
}

}  // namespace
}  // namespace edgeproof::signal
