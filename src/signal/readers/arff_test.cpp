#include "signal/readers/arff.h"

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

const std::string kUnivariate =
    "% made\r\n@RELATION Made\r\n\r\n@ATTRIBUTE att0 numeric\r\n@attribute 'att 1' REAL\r\n"
    "@attribute target {1, 'two words',3}\r\n\r\n@DATA\r\n";
const std::string kMultivariate =
    "@relation 'Made'\n@attribute series relational\n@attribute t0 numeric\n"
    "@attribute t1 numeric\n@end series\n@attribute activity {A,B}\n@data\n";

RecordingSet read(const std::string& text) {
  const TempFolder folder;
  write_tree(folder.path(), {{"m.arff", text}});
  return read_arff({.path = folder.path(), .train_file = "m.arff"});
}

std::string error_with(const std::string& text) {
  return error_of([&] { read(text); });
}

std::string text_of(const std::vector<float>& values) {
  return fmt::format("{}", fmt::join(values, " "));
}

TEST(Arff, UnivariateCasesAreNumbersAndAClass) {
  const RecordingSet set = read(kUnivariate + "1.5,?,1\r\n% between\r\n-2,3e2,'two words'\r\n");
  EXPECT_EQ(set.classes, (std::vector<std::string>{"1", "two words", "3"}));
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(text_of(set.recordings[0].samples), "1.5 nan");
  EXPECT_EQ(text_of(set.recordings[1].samples), "-2 300");
  EXPECT_EQ(set.recordings[1].labels, (std::vector<std::int32_t>{1, 1}));
}

TEST(Arff, MultivariateCasesAreARelation) {
  const RecordingSet set = read(kMultivariate + "'1,2\\n3,?',B\n\"5,6\\n7,8\",A\n");
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(set.channels.size(), 2u);
  EXPECT_EQ(text_of(set.recordings[0].samples), "1 3 2 nan");
  EXPECT_EQ(text_of(set.recordings[1].samples), "5 7 6 8");
  EXPECT_EQ(set.recordings[0].labels[0], 1);
}

TEST(Arff, ErrorsNameTheLine) {
  EXPECT_THAT(error_with(""), HasSubstr("m.arff: no line '@data'"));
  EXPECT_THAT(error_with(kUnivariate), HasSubstr("m.arff: no cases"));
  EXPECT_THAT(error_with("@data\n"), HasSubstr("line 1: '@data' before"));
  EXPECT_THAT(error_with("hello\n"), HasSubstr("line 1: found 'hello', expected @relation"));
  EXPECT_THAT(error_with("@end x\n"), HasSubstr("line 1: '@end' without"));
  EXPECT_THAT(error_with("@attribute a string\n"), HasSubstr("unsupported"));
  EXPECT_THAT(error_with("@attribute a {1,2}\n@attribute b numeric\n"),
              HasSubstr("line 2: an attribute after the class"));
  EXPECT_THAT(error_with("@attribute a {1,2\n"), HasSubstr("line 1: expected the classes"));
  EXPECT_THAT(error_with("@attribute"), HasSubstr("line 1"));
  EXPECT_THAT(error_with("@attribute '"), HasSubstr("line 1"));
  EXPECT_THAT(error_with(kUnivariate + "1,2\n"), HasSubstr("line 9: 1 values, expected 2"));
  EXPECT_THAT(error_with(kUnivariate + "1,2,4\n"), HasSubstr("line 9: '4' is no class"));
  EXPECT_THAT(error_with(kUnivariate + "1,x,3\n"), HasSubstr("line 9: value 2 is 'x'"));
  EXPECT_THAT(error_with(kUnivariate + "12\n"),
              HasSubstr("line 9: expected numbers and the class"));
  EXPECT_THAT(error_with(kUnivariate + "{0 1}\n"), HasSubstr("line 9: sparse"));
  EXPECT_THAT(error_with(kMultivariate + "1,2,A\n"),
              HasSubstr("line 8: expected the channels in quotes"));
  EXPECT_THAT(error_with(kMultivariate + "'1,2\\n3,4"),
              HasSubstr("line 8: expected the channels in quotes"));
  EXPECT_THAT(error_with(kMultivariate + "'1,2\\n3',A\n"),
              HasSubstr("line 8: 1 values, expected 2"));
  EXPECT_THAT(error_with(kMultivariate + "'1,2\\n3,4' A\n"), HasSubstr("line 8: expected ','"));
  EXPECT_THAT(error_with(kMultivariate + "'1,2',A\n'1,2\\n3,4',A\n"),
              HasSubstr("line 9: 2 channels, but 1 in line 8"));
}

}  // namespace
}  // namespace edgeproof::signal
