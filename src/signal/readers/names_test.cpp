#include "signal/readers/names.h"

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

TEST(NameTable, IntegersAreSortedByValueAndOtherNamesAsText) {
  NameTable numbers;
  for (const char* name : {"10", "9", "-1", "10"}) numbers.index(name);
  EXPECT_EQ(numbers.sort().names, (std::vector<std::string>{"-1", "9", "10"}));
  EXPECT_EQ(numbers.sort().place, (std::vector<std::int32_t>{2, 1, 0}));

  NameTable mixed;
  for (const char* name : {"b", "10", "9"}) mixed.index(name);
  EXPECT_EQ(mixed.sort().names, (std::vector<std::string>{"10", "9", "b"}));
}

TEST(NameTable, DifferentSpellingsOfANumberStayDifferentNames) {
  NameTable table;
  EXPECT_NE(table.index("1"), table.index("01"));
  EXPECT_EQ(table.sort().names, (std::vector<std::string>{"01", "1"}));
}

TEST(Channels, KnowTheirSources) {
  const std::vector<ChannelOptions> options{
      {.name = "body", .unit = "g", .derived_from = "total", .derived = "high_pass(3, 0.3)"},
      {.name = "total", .unit = "g"}};
  const std::vector<Channel> channels = make_channels(options);
  EXPECT_EQ(channels[0].source, 1);
  EXPECT_EQ(channels[1].source, 1);
  EXPECT_EQ(channels[0].unit, "g");
  EXPECT_EQ(channels[0].filter, kBodyFilter);
  EXPECT_EQ(channels[1].filter, Filter{});
}

TEST(Channels, ContradictionsAreErrors) {
  const auto error = [](std::vector<ChannelOptions> options) {
    return error_of([&] { make_channels(options); });
  };
  EXPECT_THAT(error({{.name = "a"}, {.name = "a"}}), HasSubstr("'a' is listed twice"));
  EXPECT_THAT(error({{.name = "total"}, {.name = "b", .derived_from = "totl"}}),
              HasSubstr("did you mean 'total'?"));
  EXPECT_THAT(error({{.name = "a", .derived_from = "a"}}), HasSubstr("physical channel"));
  EXPECT_THAT(error({{.name = "a"},
                     {.name = "b", .derived_from = "a", .derived = "copy"},
                     {.name = "c", .derived_from = "b"}}),
              HasSubstr("'b' is derived itself"));
}

TEST(Channels, ADerivedOneNeedsItsFilterAndAPhysicalOneHasNone) {
  const auto error = [](std::vector<ChannelOptions> options) {
    return error_of([&] { make_channels(options); });
  };
  EXPECT_THAT(
      error({{.name = "a"}, {.name = "b", .derived_from = "a"}}),
      HasSubstr("'derived' in [data] is missing for channel 'b', which is derived: expected "
                "how the device computes it, 'copy', 'high_pass(order, hz)' or"));
  EXPECT_THAT(error({{.name = "a"}, {.name = "b", .derived_from = "a", .derived = "highpass(3)"}}),
              HasSubstr("'derived' in [data] is 'highpass(3)' for channel 'b'"));
  EXPECT_THAT(error({{.name = "a", .derived = "copy"}}),
              HasSubstr("'derived' in [data] is 'copy' for channel 'a', which is physical"));
}

TEST(Channels, FiltersOfAPresetAreReplacedByOneForAllOrByOneEach) {
  const std::vector<Channel> channels{{"body", "g", 1, kBodyFilter}, {"total", "g", 1}};
  EXPECT_EQ(with_filters(channels, {})[0].filter, kBodyFilter);
  const std::vector<std::string> all{"copy"}, each{"low_pass(1, 2)", ""}, three(3, "copy");
  EXPECT_EQ(with_filters(channels, all)[0].filter, Filter{});
  EXPECT_EQ(with_filters(channels, each)[0].filter, (Filter{FilterKind::low_pass, 1, 2}));
  EXPECT_THAT(error_of([&] { with_filters(channels, three); }),
              HasSubstr("'derived' in [data] has 3 values, expected one for all derived channels, "
                        "or 2"));
}

TEST(Channels, AFilterMustFitTheRate) {
  RecordingSet set;
  set.rate_hz = 50;
  set.channels = {{"body", "g", 1, {FilterKind::high_pass, 3, 30}}, {"total", "g", 1}};
  EXPECT_THAT(error_of([&] { check_filters(set); }),
              HasSubstr("'derived' in [data]: channel 'body': high_pass(3, 30): the cut-off must "
                        "be above 0 Hz and below half the sampling rate, 25 Hz"));
  set.rate_hz = 61;
  check_filters(set);
}

TEST(Triads, AreFoundByName) {
  const auto channels =
      make_channels(std::vector<ChannelOptions>{{.name = "z"}, {.name = "x"}, {.name = "y"}});
  const auto triads = [&](std::vector<TriadOptions> options) {
    return make_triads(options, channels);
  };
  EXPECT_EQ(triads({{"x", "y", "z"}}), (std::vector<std::array<int, 3>>{{1, 2, 0}}));
  EXPECT_THAT(error_of([&] { triads({{"x", "y", "w"}}); }), HasSubstr("no channel 'w'"));
  EXPECT_THAT(error_of([&] { triads({{"x", "y", "x"}}); }), HasSubstr("'x' is listed twice"));
}

}  // namespace
}  // namespace edgeproof::signal
