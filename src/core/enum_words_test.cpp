#include "core/enum_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeproof {
namespace {

enum class Side { left, right };
constexpr auto kSides = enum_words<Side>({{Side::left, "on the left"}, {Side::right, "right"}});

TEST(EnumWords, WordsAndValuesLeadToEachOther) {
  EXPECT_EQ(kSides.word(Side::left), "on the left");
  EXPECT_EQ(kSides.word(Side::right), "right");
  EXPECT_EQ(kSides.value("on the left"), Side::left);
  EXPECT_EQ(kSides.value("right"), Side::right);
  EXPECT_EQ(kSides.value("left"), std::nullopt);
  EXPECT_THAT(kSides.all(), testing::ElementsAre("on the left", "right"));
}

TEST(EnumWords, ValuesWithoutANameAreKnown) {
  EXPECT_TRUE(is_enumerator<Side::right>());
  EXPECT_FALSE(is_enumerator<static_cast<Side>(2)>());
}

}  // namespace
}  // namespace edgeproof
