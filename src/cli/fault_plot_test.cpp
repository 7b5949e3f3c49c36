#include "cli/fault_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace edgeproof::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(FaultPlot, ShortStreamsAreDrawnSampleBySample) {
  FaultPlot plot({"a<b"}, 2, "title");
  plot.add(std::vector<float>{0, 1, 0}, std::vector<float>{0, NAN, 4});
  const std::string svg = plot.svg();
  EXPECT_THAT(svg, HasSubstr("a&lt;b"));
  EXPECT_THAT(svg, HasSubstr("1.5 s"));
  EXPECT_EQ(count(svg, "class=\"missing\" d=\"M"), 2);  // the legend's and the one sample's
  EXPECT_THAT(svg, HasSubstr(">4</text>"));             // the axis reaches the faulty signal
}

TEST(FaultPlot, AnyLengthHasAtMostSoManyPointsAndKeepsSpikes) {
  FaultPlot plot({"x"}, 0, "");
  std::vector<float> clean(100), faulty(100);
  for (int piece = 0; piece < 10000; ++piece) {
    faulty[50] = piece == 7777 ? 123.0F : 0.0F;
    plot.add(clean, faulty);
  }
  const std::string svg = plot.svg();
  EXPECT_LT(svg.size(), 100000);
  EXPECT_THAT(svg, HasSubstr(">123</text>"));
  EXPECT_THAT(svg, HasSubstr("1000000 samples"));
}

TEST(FaultPlot, ChannelsBeyondTwelveAreCounted) {
  FaultPlot plot(std::vector<std::string>(15, "c"), 1, "");
  plot.add(std::vector<float>(15), std::vector<float>(15));
  EXPECT_THAT(plot.svg(), HasSubstr("and 3 further channels"));
  EXPECT_EQ(count(plot.svg(), "class=\"axis\""), 12);
}

}  // namespace
}  // namespace edgeproof::cli
