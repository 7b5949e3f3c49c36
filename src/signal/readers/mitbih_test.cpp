#include "signal/readers/mitbih.h"

#include <algorithm>

#include "signal/signal_testing.h"
#include "signal/summary.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

TEST(MitBih, OtherPlacesAreRefused) {
  const TempFolder folder;
  EXPECT_THAT(error_of([&] { read_mitbih({.path = folder.path()}); }),
              HasSubstr("expected the records of the MIT-BIH"));
  EXPECT_THAT(error_of([&] { read_mitbih({.path = folder / "none"}); }), HasSubstr("no such file"));
  write_archive(folder / "x.zip", {{"mitdb/100.hea", "100 1\n100.dat 212\n"}});
  EXPECT_THAT(error_of([&] { read_mitbih({.path = folder / "x.zip"}); }),
              HasSubstr("no file '101.hea' in it"));
}

// The published numbers of beats (de Chazal et al. 2004 count a few on other grounds). That every
// signal's checksum is right is checked by the reader.
TEST(MitBihData, IsWhatItsAuthorsSay) {
  const auto folder = data_folder_with("mitdb_ds1.tar.xz");
  if (folder.empty()) GTEST_SKIP() << why_skipped("mitdb_ds1.tar.xz");
  const RecordingSet set = read_mitbih({.path = folder, .rare_classes = true, .both_leads = true});
  EXPECT_EQ(set.rate_hz, 360);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"N", "S", "V", "F", "Q"}));
  ASSERT_EQ(set.recordings.size(), 44u);
  for (const Recording& recording : set.recordings) EXPECT_EQ(recording.length(), 650000);

  const Summary summary = summarize(set);
  ASSERT_EQ(summary.parts.size(), 2u);
  const std::vector<std::vector<int>> beats{{45866, 944, 3788, 415, 8},
                                            {44259, 1837, 3221, 388, 7}};
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_EQ(summary.parts[p].part, p == 0 ? Part::train : Part::test);
    EXPECT_EQ(summary.parts[p].all.recordings, 22);
    for (std::size_t c = 0; c < 5; ++c) {
      EXPECT_EQ(summary.parts[p].classes[c].events, beats[p][c]) << p << set.classes[c];
    }
  }
  ASSERT_EQ(summary.leaks.size(), 1u);
  EXPECT_EQ(summary.leaks[0].kind, LeakKind::shared_group);
  EXPECT_EQ(summary.leaks[0].example, "201/202");

  // Record 114 has its signals the other way round; 1027 is the first value of its MLII.
  const auto r114 = std::ranges::find(set.recordings, "114", &Recording::name);
  EXPECT_FLOAT_EQ(r114->samples[0], (1027 - 1024) / 200.0F);
  EXPECT_FLOAT_EQ(r114->samples[1], (1015 - 1024) / 200.0F);
  // A 12-bit converter of 11 bits in use: nothing beyond, and both ends are reached.
  EXPECT_FLOAT_EQ(static_cast<float>(summary.channels[0].min), -5.12F);
  EXPECT_FLOAT_EQ(static_cast<float>(summary.channels[0].max), 5.115F);

  // Beats are annotated where the signal has its peak: within 50 ms of a normal one, MLII is higher
  // than its mean.
  const Recording& first = set.recordings.front();
  int above = 0, normal = 0;
  for (const Event& event : first.events) {
    if (event.label != 0 || event.sample < 18 || event.sample >= first.length() - 18) continue;
    float peak = -10;
    for (int t = event.sample - 18; t <= event.sample + 18; ++t) {
      peak = std::max(peak, first.samples[static_cast<std::size_t>(t) * 2]);
    }
    ++normal;
    above += peak > 0.4F ? 1 : 0;
  }
  EXPECT_GT(above, normal * 0.99);
}

}  // namespace
}  // namespace edgeproof::signal
