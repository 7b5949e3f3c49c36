#include "cli/bench_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeproof::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Speed example() {
  Speed speed{.name = "a<b", .type = "int8", .isa = "avx2"};
  speed.latency.median_us = 4;
  speed.latency.p99_us = 5;
  speed.macs = 200000;
  speed.peak_gmacs = 100;
  speed.layers = {{"input", "input", 0, 1}, {"conv", "conv1d", 200000, 4}};
  return speed;
}

// The scale's 540 pixels are 4 us, of which the products take 2 at the peak.
TEST(BenchPlot, ABarALayerAndAMarkAtThePeak) {
  const std::string svg = plot_speeds({example()});
  EXPECT_THAT(svg, HasSubstr("a&lt;b int8, avx2: median 4.00 us, p99 5.00 us, 50.0 % of the peak"));
  EXPECT_THAT(svg, HasSubstr("class=\"other\" x=\"190\" y=\"104.0\" width=\"135.0\""));
  EXPECT_THAT(svg, HasSubstr("class=\"bar\" x=\"190\" y=\"124.0\" width=\"540.0\""));
  EXPECT_THAT(svg, HasSubstr("class=\"peak\" d=\"M460.0 122.0v17\""));
  EXPECT_THAT(svg, HasSubstr("4.00 us, 50 GMAC/s"));
}

TEST(BenchPlot, LongNamesEndBetweenCharacters) {
  Speed speed = example();
  speed.layers.back().name = std::string(22, 'n') + "éxyz";  // the 23rd byte begins two
  EXPECT_THAT(plot_speeds({speed}), HasSubstr(">" + std::string(22, 'n') + "…</text>"));
}

TEST(BenchPlot, AllModelsHaveOneScale) {
  Speed slow = example();
  slow.name = "slow";
  slow.layers.back().us = 16;
  const std::string svg = plot_speeds({example(), slow});
  EXPECT_THAT(svg, HasSubstr("width=\"540.0\""));
  EXPECT_THAT(svg, HasSubstr("width=\"135.0\""));  // 4 us of 16
}

TEST(BenchPlot, WithoutAPeakThereIsNoMark) {
  Speed speed = example();
  speed.peak_gmacs = 0;
  speed.layers.front().us = 0;
  const std::string svg = plot_speeds({speed});
  EXPECT_THAT(svg, Not(HasSubstr("<path class=\"peak\" d=\"M190")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace edgeproof::cli
