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
  const std::vector<ChannelOptions> options{{.name = "body", .unit = "g", .derived_from = "total"},
                                            {.name = "total", .unit = "g"}};
  const std::vector<Channel> channels = make_channels(options);
  EXPECT_EQ(channels[0].source, 1);
  EXPECT_EQ(channels[1].source, 1);
  EXPECT_EQ(channels[0].unit, "g");
}

TEST(Channels, ContradictionsAreErrors) {
  const auto error = [](std::vector<ChannelOptions> options) {
    return error_of([&] { make_channels(options); });
  };
  EXPECT_THAT(error({{.name = "a"}, {.name = "a"}}), HasSubstr("'a' is listed twice"));
  EXPECT_THAT(error({{.name = "total"}, {.name = "b", .derived_from = "totl"}}),
              HasSubstr("did you mean 'total'?"));
  EXPECT_THAT(error({{.name = "a", .derived_from = "a"}}), HasSubstr("physical channel"));
  EXPECT_THAT(
      error(
          {{.name = "a"}, {.name = "b", .derived_from = "a"}, {.name = "c", .derived_from = "b"}}),
      HasSubstr("'b' is derived itself"));
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
