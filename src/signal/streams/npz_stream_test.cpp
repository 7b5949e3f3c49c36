#include <cmath>

#include "signal/readers/archive.h"
#include "signal/readers/npz.h"
#include "signal/signal_testing.h"
#include "signal/streams/stream.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

class NpzStreamTest : public testing::Test {
 protected:
  std::unique_ptr<SignalStream> open(const Members& members) {
    write_archive(folder_ / "in.npz", members);
    return open_npz_stream({.input = folder_ / "in.npz", .output = folder_ / "out.npz"});
  }

  // Member by member.
  std::map<std::string, std::string> written() {
    std::map<std::string, std::string> members;
    ArchiveReader archive(folder_ / "out.npz");
    while (const auto name = archive.next()) members[*name] = archive.read(1 << 20);
    return members;
  }

  // Each value through `change`; gives the lengths of the recordings.
  static std::vector<std::size_t> run(SignalStream& stream,
                                      const std::function<float(float)>& change) {
    std::vector<std::size_t> lengths;
    while (stream.next_recording()) {
      lengths.push_back(0);
      for (std::vector<float> frames; !(frames = stream.read()).empty();) {
        lengths.back() += frames.size() / stream.channels().size();
        for (float& x : frames) x = change(x);
        stream.write(frames);
      }
    }
    stream.finish();
    return lengths;
  }

  std::string error_of(const Members& members) {
    try {
      run(*open(members), [](float x) { return x; });
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TempFolder folder_;
};

const std::string kLabels = npy_bytes("'<i8'", "(2,)", raw<std::int64_t>({0, 1}));

TEST_F(NpzStreamTest, WindowsAreRecordingsAndOtherArraysAreCopied) {
  const auto x =
      npy_bytes("'<f4'", "(2, 3, 2)", raw<float>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NAN}));
  for (const bool labels_first : {false, true}) {
    const auto stream = open(labels_first ? Members{{"y.npy", kLabels}, {"x.npy", x}}
                                          : Members{{"x.npy", x}, {"y.npy", kLabels}});
    EXPECT_EQ(stream->channels(), (std::vector<std::string>{"ch0", "ch1"}));
    EXPECT_EQ(stream->length(), 3);
    EXPECT_EQ(run(*stream, [](float v) { return v == 4 ? NAN : v; }),
              (std::vector<std::size_t>{3, 3}));
    const auto members = written();
    EXPECT_EQ(members.at("y.npy"), kLabels);
    const RecordingSet read = read_npz({.path = folder_ / "out.npz", .rate_hz = 1});
    EXPECT_TRUE(std::isnan(read.recordings[0].samples[4]));
    EXPECT_EQ(read.recordings[1].samples[4], 10);
    EXPECT_TRUE(std::isnan(read.recordings[1].samples[5]));
  }
}

TEST_F(NpzStreamTest, DoublesThatAreNotChangedKeepAllTheirBits) {
  const std::vector<double> values = {0.1, 1e300 / 1e290, 1.0 / 3, 2};
  const auto stream = open({{"x.npy", npy_bytes("'<f8'", "(2, 2)", raw(values))}});
  run(*stream, [](float v) { return v == 2 ? 5 : v; });
  const std::string x = written().at("x.npy");
  std::vector<double> after(4);
  std::memcpy(after.data(), x.data() + x.size() - 32, 32);
  EXPECT_EQ(after, (std::vector<double>{0.1, 1e300 / 1e290, 1.0 / 3, 5}));
}

TEST_F(NpzStreamTest, IntegersBecomeFloats) {
  const auto stream =
      open({{"x.npy", npy_bytes("'<i2'", "(3, 1)", raw<std::int16_t>({1, -2, 3}))}});
  run(*stream, [](float v) { return v + 0.5F; });
  const std::string x = written().at("x.npy");
  EXPECT_THAT(x, HasSubstr("'<f4'"));
  std::vector<float> after(3);
  std::memcpy(after.data(), x.data() + x.size() - 12, 12);
  EXPECT_EQ(after, (std::vector<float>{1.5, -1.5, 3.5}));
}

TEST_F(NpzStreamTest, LongStreamsComeInPieces) {
  std::vector<float> values(100000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const auto x = npy_bytes("'<f4'", "(50000, 2)", raw(values));
  const auto stream = open({{"x.npy", x}});
  EXPECT_EQ(run(*stream, [](float v) { return v; }), (std::vector<std::size_t>{50000}));
  EXPECT_EQ(written().at("x.npy").substr(x.size() - 400000), raw(values));
}

TEST_F(NpzStreamTest, ErrorsNameFileAndArray) {
  const auto x = npy_bytes("'<f4'", "(2, 2)", raw<float>({1, 2, 3, 4}));
  EXPECT_THAT(error_of({{"y.npy", kLabels}}), HasSubstr("no array 'x' (it has y.npy)"));
  EXPECT_THAT(error_of({{"x.npy", x.substr(0, x.size() - 4)}}), HasSubstr("cut short"));
  EXPECT_THAT(error_of({{"x.npy", x.substr(0, 40)}}), HasSubstr("cut short within"));
  EXPECT_THAT(error_of({{"x.npy", x + "more"}}), HasSubstr("more elements than its header says"));
  EXPECT_THAT(error_of({{"x.npy", npy_bytes("'<f4'", "(4,)", raw<float>({1, 2, 3, 4}))}}),
              HasSubstr("has 1 dimensions"));
  EXPECT_THAT(error_of({{"x.npy", "nonsense"}}), HasSubstr("not a NumPy array"));
  EXPECT_THAT(error_of({{"x.npy", npy_bytes("'<f4'", "(1, 2)", raw<float>({1, INFINITY}))}}),
              HasSubstr("infinite"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.npz"));
}

}  // namespace
}  // namespace edgeproof::signal
