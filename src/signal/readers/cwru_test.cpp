#include "signal/readers/cwru.h"

#include "signal/signal_testing.h"
#include "signal/summary.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

TEST(Cwru, OptionsThatDoNotFitAreErrors) {
  const TempFolder folder;
  EXPECT_THAT(error_of([&] { read_cwru({.path = folder.path()}); }),
              HasSubstr("expected the folder '12k_DE'"));
  std::filesystem::create_directories(folder / "12k_DE");
  EXPECT_THAT(error_of([&] { read_cwru({.path = folder.path()}); }),
              HasSubstr("no file '12k_DE/B007_0.mat' in it"));
  EXPECT_THAT(error_of([&] { read_cwru({.path = folder.path(), .sensors = {"XE"}}); }),
              HasSubstr("no sensor 'XE', did you mean 'DE'?"));
  EXPECT_THAT(
      error_of([&] { read_cwru({.path = folder.path(), .sensors = {"BA"}, .normal = true}); }),
      HasSubstr("the normal recording has no sensor 'BA'"));
}

TEST(CwruData, NineFaultsAtFourLoadsAndANormalBearing) {
  const auto folder = data_folder_with("cwru_12k_de.tar.xz");
  if (folder.empty()) GTEST_SKIP() << why_skipped("cwru_12k_de.tar.xz");
  const RecordingSet set = read_cwru({.path = folder, .normal = true});
  EXPECT_EQ(set.rate_hz, 12000);
  EXPECT_EQ(set.classes,
            (std::vector<std::string>{"B007", "B014", "B021", "IR007", "IR014", "IR021", "OR007@6",
                                      "OR014@6", "OR021@6", "normal"}));
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"0", "1", "2", "3"}));
  ASSERT_EQ(set.recordings.size(), 37u);
  const Summary summary = summarize(set);
  ASSERT_EQ(summary.parts.size(), 3u);
  EXPECT_EQ(summary.parts[0].all.recordings, 19);
  EXPECT_EQ(summary.parts[1].all.recordings, 9);
  EXPECT_EQ(summary.parts[2].all.recordings, 9);
  EXPECT_TRUE(summary.leaks.empty());
  for (std::size_t r = 0; r < 36; ++r) EXPECT_NEAR(set.recordings[r].length(), 122000, 2000);
  // It was sampled at four times the rate.
  const Recording& normal = set.recordings.back();
  EXPECT_NEAR(normal.length(), 243938 / 4.0, 1);
  EXPECT_EQ(set.classes[normal.labels[0]], "normal");
}

}  // namespace
}  // namespace edgeproof::signal
