#include <cmath>

#include "signal/signal_testing.h"
#include "signal/streams/stream.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

class CsvStreamTest : public testing::Test {
 protected:
  std::unique_ptr<SignalStream> open(const std::string& text, StreamOptions options = {}) {
    write_file(folder_ / "in.csv", text);
    options.input = folder_ / "in.csv";
    options.output = folder_ / "out.csv";
    return open_csv_stream(options);
  }

  // Through `change`, all at once, and what is written.
  std::string through(const std::string& text,
                      const std::function<void(std::vector<float>&)>& change) {
    const auto stream = open(text);
    EXPECT_TRUE(stream->next_recording());
    std::vector<float> all;
    for (std::vector<float> frames; !(frames = stream->read()).empty();) {
      all.insert(all.end(), frames.begin(), frames.end());
    }
    EXPECT_FALSE(stream->next_recording());
    change(all);
    stream->write(all);
    stream->finish();
    return read_file(folder_ / "out.csv");
  }

  std::string error_of(const std::string& text) {
    try {
      through(text, [](auto&) {});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TempFolder folder_;
};

const std::string kText =
    "time,ax,name,ay\n"
    "0.00,1.50,\"a, \"\"b\"\"\",2\n"
    "0.02,,x,-3e-2\n"
    "0.04,0.1,y,NaN\n";

TEST_F(CsvStreamTest, WhatIsNotChangedIsWrittenAsItWas) {
  EXPECT_EQ(through(kText, [](auto&) {}), kText);
}

TEST_F(CsvStreamTest, ChangedCellsAreWrittenAndMissingOnesAreEmpty) {
  const auto text = through(kText, [](std::vector<float>& x) {
    ASSERT_EQ(x.size(), 6);
    EXPECT_TRUE(std::isnan(x[2]) && std::isnan(x[5]));
    x[0] = NAN;
    x[1] = 0.1F;
    x[2] = 7;
  });
  EXPECT_EQ(text,
            "time,ax,name,ay\n"
            "0.00,,\"a, \"\"b\"\"\",0.1\n"
            "0.02,7,x,-3e-2\n"
            "0.04,0.1,y,NaN\n");
}

TEST_F(CsvStreamTest, ColumnsOfNumbersAreChannelsAndTimesGiveTheRate) {
  const auto stream = open(kText);
  EXPECT_EQ(stream->channels(), (std::vector<std::string>{"ax", "ay"}));
  EXPECT_DOUBLE_EQ(stream->rate_hz(), 50);
  EXPECT_EQ(open(kText, {.ignore = {"ay"}})->channels(), (std::vector<std::string>{"ax"}));
  EXPECT_EQ(open("a,b\n1,2\n")->rate_hz(), 0);
}

TEST_F(CsvStreamTest, GapsAreSamplesThatAreNotWritten) {
  const std::string text = "t,x\n0,1\n1,2\n5,3\n6,4\n";
  EXPECT_EQ(through(text,
                    [](std::vector<float>& x) {
                      ASSERT_EQ(x.size(), 7);
                      for (const std::size_t lost : {2, 3, 4}) EXPECT_TRUE(std::isnan(x[lost]));
                      EXPECT_EQ(x[5], 3);
                    }),
            text);
}

TEST_F(CsvStreamTest, LongFilesComeInPiecesAndMayBeWrittenLate) {
  std::string text = "x\n";
  for (int i = 0; i < 5000; ++i) text += fmt::format("{}\n", i);
  const auto stream = open(text);
  stream->next_recording();
  std::vector<float> late;
  std::size_t pieces = 0;
  for (std::vector<float> frames; !(frames = stream->read()).empty(); ++pieces) {
    late.insert(late.end(), frames.begin(), frames.end());
    const std::size_t ready = late.size() < 100 ? 0 : late.size() - 100;
    stream->write(std::span(late).first(ready));
    late.erase(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(ready));
  }
  stream->write(late);
  stream->finish();
  EXPECT_GT(pieces, 3);
  EXPECT_EQ(read_file(folder_ / "out.csv"), text);
}

TEST_F(CsvStreamTest, WithoutFinishNothingIsLeft) {
  {
    const auto stream = open(kText);
    stream->next_recording();
    stream->write(stream->read());
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.csv"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(CsvStreamTest, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(error_of("t,x\n0,1\n0,2\n"), HasSubstr("in.csv, line 3: time 0 after 0"));
  EXPECT_THAT(error_of("t,x\n0,1\n1,2\n0.5,2\n"), HasSubstr("line 4: time 0.5 after 1"));
  EXPECT_THAT(error_of("t,x\n0,1\n1,2\n1.5,2\n"),
              AllOf(HasSubstr("line 4"), HasSubstr("is the rate mixed?")));
  EXPECT_THAT(error_of("t,x\n0,1\nsoon,2\n"), HasSubstr("line 3: time 't' is 'soon'"));
  EXPECT_THAT(error_of("x,y\n1,2\n3,four\n"), HasSubstr("line 3: 'y' is 'four'"));
  EXPECT_THAT(error_of("x,y\n1,2\n3,inf\n"), HasSubstr("line 3: 'y' is 'inf'"));
  EXPECT_THAT(error_of("x,y\n1,2\n3\n"), HasSubstr("line 3: 1 fields"));
  EXPECT_THAT(error_of("x,y\n"), HasSubstr("no rows"));
  EXPECT_THAT(error_of("x,y\na,b\n"), HasSubstr("no column begins with a number"));
}

}  // namespace
}  // namespace edgeproof::signal
