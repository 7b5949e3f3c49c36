#include "cli/data_plot.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "signal/windows.h"

namespace edgeproof::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Windows of `length` samples of four channels, the first three one sensor; `classes` classes of
// two windows each.
signal::Dataset example(int classes, int length) {
  signal::RecordingSet set{
      .name = "a<b",
      .rate_hz = 10,
      .channels = {{"acc_x", "g", 0}, {"acc_y", "g", 1}, {"acc_z", "g", 2}, {"heart", "mV", 3}},
      .triads = {{0, 1, 2}},
      .group_names = {"p1"},
      .cut = true};
  for (int r = 0; r < 2 * classes; ++r) {
    if (r % 2 == 0) set.classes.push_back(fmt::format("class{}", r / 2));
    signal::Recording recording{.name = "r"};
    recording.labels.assign(static_cast<std::size_t>(length), r / 2);
    recording.samples.assign(static_cast<std::size_t>(length) * 4, 0.5F);
    recording.samples[4] = 7;
    recording.samples[8] = NAN;
    set.recordings.push_back(recording);
  }
  return signal::cut_dataset(std::move(set), {});
}

TEST(DataPlot, ARowAClassAndALaneASensor) {
  const std::string svg = plot_dataset(example(2, 20));
  EXPECT_THAT(svg, HasSubstr("a&lt;b: windows of 20 samples (2 s)"));
  EXPECT_EQ(count(svg, "class=\"title\">class"), 2);
  EXPECT_EQ(count(svg, "class=\"frame\""), 2 * 2 * 2);  // classes, windows, lanes
  EXPECT_THAT(svg, HasSubstr(">acc</text>"));
  EXPECT_THAT(svg, HasSubstr(">heart</text>"));
  EXPECT_THAT(svg, HasSubstr(">7</text>"));  // the scale of the sensor
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(DataPlot, LongWindowsKeepTheirSpikesAndStaySmall) {
  const std::string svg = plot_dataset(example(1, 100000));
  EXPECT_LT(svg.size(), 200000);
  EXPECT_THAT(svg, HasSubstr(">7</text>"));
}

TEST(DataPlot, ManyClassesAreCounted) {
  const std::string svg = plot_dataset(example(40, 10));
  EXPECT_EQ(count(svg, "class=\"title\">class"), 16);
  EXPECT_THAT(svg, HasSubstr("24 further classes"));
}

}  // namespace
}  // namespace edgeproof::cli
