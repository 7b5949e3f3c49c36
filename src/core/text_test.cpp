#include "core/text.h"

#include <gtest/gtest.h>

namespace edgeproof {
namespace {

const std::vector<std::string> kKeys = {"severity", "seeds", "window"};

TEST(Text, SuggestsTheKeyASlipOfTheHandMeant) {
  EXPECT_EQ(closest("sevrity", kKeys), "severity");
  EXPECT_EQ(closest("sedes", kKeys), "seeds");
  EXPECT_EQ(did_you_mean("windwo", kKeys), ", did you mean 'window'?");
}

TEST(Text, ListsWhatIsKnownWhenNothingIsClose) {
  EXPECT_EQ(closest("quantum", kKeys), std::nullopt);
  EXPECT_EQ(did_you_mean("quantum", kKeys), " (known: severity, seeds, window)");
}

TEST(Text, NumbersMustBeTheWholeField) {
  EXPECT_EQ(parse_number(" 1.8085150e-004\r"), 1.8085150e-4);
  EXPECT_EQ(parse_number("+2"), 2.0);
  EXPECT_EQ(parse_number("1.5x"), std::nullopt);
  EXPECT_EQ(parse_number(""), std::nullopt);
  EXPECT_EQ(parse_integer("12"), 12);
  EXPECT_EQ(parse_integer("12.5"), std::nullopt);
}

TEST(Text, SplitKeepsEmptyFields) {
  EXPECT_EQ(split("a,,b,", ',').size(), 4U);
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(trim(" \tx y\r\n"), "x y");
}

TEST(Text, CsvFieldsAreQuotedWhereTheRecordWouldBreak) {
  EXPECT_EQ(csv_field("walking fast"), "walking fast");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_field("a\rb"), "\"a\rb\"");
  EXPECT_EQ(csv_field("5\" pipe"), "\"5\"\" pipe\"");
}

TEST(Text, ACsvFieldIsQuotedForItsOwnSeparator) {
  EXPECT_EQ(csv_field("a,b", ';'), "a,b");
  EXPECT_EQ(csv_field("a;b", ';'), "\"a;b\"");
  EXPECT_EQ(csv_field("a b", '\t'), "a b");
}

TEST(Text, CsvQuotedQuotesPlainFieldsToo) {
  EXPECT_EQ(quoted_csv_field("plain"), "\"plain\"");
  EXPECT_EQ(quoted_csv_field(""), "\"\"");
  EXPECT_EQ(quoted_csv_field("a \"b\""), "\"a \"\"b\"\"\"");
}

TEST(Text, MarkdownCellsStayInOneCellOfOneLine) {
  EXPECT_EQ(markdown_cell("a|b"), "a\\|b");
  EXPECT_EQ(markdown_cell("a\r\nb"), "a  b");
}

}  // namespace
}  // namespace edgeproof
