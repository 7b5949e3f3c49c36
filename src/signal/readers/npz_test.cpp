#include "signal/readers/npz.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "core/files.h"
#include "signal/readers/npy.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

std::vector<float> floats(const std::string& descr, const std::string& shape,
                          const std::string& data) {
  return npy_floats(parse_npy(npy_bytes(descr, shape, data), "here"));
}

TEST(Npy, EveryNumericTypeIsRead) {
  const std::vector<float> expected{0, 1, 100};
  EXPECT_EQ(floats("'<f4'", "(3,)", raw<float>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<f8'", "(3,)", raw<double>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'|i1'", "(3,)", raw<std::int8_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<i2'", "(3,)", raw<std::int16_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<i4'", "(3,)", raw<std::int32_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<i8'", "(3,)", raw<std::int64_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'|u1'", "(3,)", raw<std::uint8_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<u2'", "(3,)", raw<std::uint16_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<u4'", "(3,)", raw<std::uint32_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'<u8'", "(3,)", raw<std::uint64_t>({0, 1, 100})), expected);
  EXPECT_EQ(floats("'|b1'", "(2,)", raw<std::uint8_t>({0, 1})), (std::vector<float>{0, 1}));
}

// 1, -2, the largest, the smallest normal and the smallest subnormal half-precision numbers.
TEST(Npy, HalfPrecisionIsExact) {
  EXPECT_EQ(floats("'<f2'", "(5,)", raw<std::uint16_t>({0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001})),
            (std::vector<float>{1, -2, 65504, 0x1p-14F, 0x1p-24F}));
  EXPECT_TRUE(std::isnan(floats("'<f2'", "(1,)", raw<std::uint16_t>({0x7e00}))[0]));
  EXPECT_THAT(error_of([] { floats("'<f2'", "(1,)", raw<std::uint16_t>({0xfc00})); }),
              HasSubstr("element 0 is infinite"));
}

TEST(Npy, NanIsKeptAndInfinityIsAnError) {
  EXPECT_TRUE(std::isnan(floats("'<f4'", "(1,)", raw<float>({std::nanf("")}))[0]));
  const double huge = 1e300;
  EXPECT_THAT(error_of([&] {
                floats("'<f8'", "(2,)", raw<double>({1, huge}));
              }),
              HasSubstr("here: element 1 is infinite or beyond"));
}

TEST(Npy, NamesAreIntegersAndStrings) {
  const auto names = [](const std::string& bytes) { return npy_names(parse_npy(bytes, "here")); };
  EXPECT_EQ(names(npy_bytes("'<i8'", "(2,)", raw<std::int64_t>({-1, 7}))),
            (std::vector<std::string>{"-1", "7"}));
  EXPECT_EQ(names(npy_bytes("'|i1'", "(1,)", raw<std::int8_t>({65}))),
            (std::vector<std::string>{"65"}));
  EXPECT_EQ(names(npy_bytes("'|S3'", "(2,)", std::string("abc\0\0\0", 6))),
            (std::vector<std::string>{"abc", ""}));
  EXPECT_EQ(names(npy_bytes("'<U2'", "(2,)", raw<std::uint32_t>({'g', 0xe9, 0x1f600, 0}))),
            (std::vector<std::string>{"g\xc3\xa9", "\xf0\x9f\x98\x80"}));
  EXPECT_THAT(error_of([&] { names(npy_bytes("'<f4'", "(1,)", raw<float>({1}))); }),
              HasSubstr("expected integers or strings"));
}

TEST(Npy, VersionsTwoAndThreeAreRead) {
  for (const int version : {2, 3}) {
    const std::string bytes = npy_bytes("'<f4'", "(1,)", raw<float>({5}), false, version);
    EXPECT_EQ(npy_floats(parse_npy(bytes, "here")), std::vector<float>{5});
  }
}

TEST(Npy, WhatIsNotReadIsRefusedWithAWordOnTheMend) {
  const auto error = [](const std::string& bytes) {
    return error_of([&] { parse_npy(bytes, "here"); });
  };
  const std::string four(4 * 4, '\0');
  EXPECT_THAT(error(npy_bytes("'<f4'", "(2, 2)", four, true)), HasSubstr("ascontiguousarray"));
  EXPECT_THAT(error(npy_bytes("'>f4'", "(4,)", four)), HasSubstr("big-endian"));
  EXPECT_THAT(error(npy_bytes("'|O'", "(4,)", four)), HasSubstr("Python objects"));
  EXPECT_THAT(error(npy_bytes("[('a', '<f4')]", "(4,)", four)), HasSubstr("structured"));
  EXPECT_THAT(error(npy_bytes("'<c8'", "(2,)", four)), HasSubstr("type '<c8' is not read"));
  EXPECT_THAT(error(npy_bytes("'<f4'", "(5,)", four)), HasSubstr("16 bytes of elements, but"));
  EXPECT_THAT(error(npy_bytes("'<f4'", "(-4,)", four)), HasSubstr("shape is (-4,)"));
  EXPECT_THAT(error(npy_bytes("'<f4'", "(9999999999, 9999999999)", four)), HasSubstr("shape is"));
  EXPECT_THAT(error(npy_bytes("'<f4'", "(4,)", four, false, 9)), HasSubstr("version 9"));
  EXPECT_THAT(error("PK"), HasSubstr("not a NumPy array"));
}

TEST(Npy, EveryTruncationIsAnError) {
  const std::string whole = npy_bytes("'<f4'", "(4,)", std::string(16, '\0'));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of([&] { parse_npy(whole.substr(0, size), "here"); }), "") << size;
  }
}

class Npz : public testing::Test {
 protected:
  NpzOptions file(const Members& arrays) {
    write_archive(folder_ / "data.zip", arrays);
    return {.path = folder_ / "data.zip", .rate_hz = 100};
  }
  TempFolder folder_;
};

const std::string kWindows =
    npy_bytes("'<f4'", "(2, 3, 2)", raw<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
const std::string kTwoLabels = npy_bytes("'<i8'", "(2,)", raw<std::int64_t>({10, 9}));

TEST_F(Npz, WindowsAreRecordings) {
  const RecordingSet set =
      read_npz(file({{"x.npy", kWindows},
                     {"y.npy", kTwoLabels},
                     {"groups.npy", npy_bytes("'<U1'", "(2,)", raw<std::uint32_t>({'b', 'a'}))}}));
  EXPECT_TRUE(set.cut);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(set.channels[1].name, "ch1");
  ASSERT_EQ(set.recordings.size(), 2u);
  EXPECT_EQ(set.recordings[1].samples, (std::vector<float>{7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(set.recordings[1].labels, (std::vector<std::int32_t>{0, 0, 0}));
  EXPECT_EQ(set.recordings[1].group, 0);
}

TEST_F(Npz, AStreamIsARecordingForEachRunOfAGroup) {
  NpzOptions options =
      file({{"signal.npy", npy_bytes("'<i2'", "(4, 1)", raw<std::int16_t>({1, 2, 3, 4}))},
            {"label.npy", npy_bytes("'|S1'", "(4,)", std::string("a\0ba", 4))},
            {"who.npy", npy_bytes("'|u1'", "(4,)", raw<std::uint8_t>({5, 5, 3, 5}))}});
  options.samples_array = "signal";
  options.labels_array = "label";
  options.groups_array = "who";
  options.channels = {{.name = "acc", .unit = "g"}};
  const RecordingSet set = read_npz(options);
  EXPECT_FALSE(set.cut);
  ASSERT_EQ(set.recordings.size(), 3u);
  EXPECT_EQ(set.recordings[0].samples, (std::vector<float>{1, 2}));
  EXPECT_EQ(set.recordings[0].labels, (std::vector<std::int32_t>{0, -1}));
  EXPECT_EQ(set.recordings[0].group, 1);
  EXPECT_EQ(set.recordings[1].group, 0);
  EXPECT_EQ(set.recordings[2].group, 1);
  EXPECT_EQ(set.channels[0].unit, "g");
}

TEST_F(Npz, ChannelsFirstIsTurned) {
  NpzOptions options = file({{"x.npy", kWindows}, {"y.npy", kTwoLabels}});
  options.channels_first = true;  // 3 channels, 2 samples
  const RecordingSet set = read_npz(options);
  EXPECT_EQ(set.channels.size(), 3u);
  EXPECT_EQ(set.recordings[0].samples, (std::vector<float>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(set.recordings[0].length(), 2);
}

TEST_F(Npz, ErrorsNameFileAndArray) {
  const auto error = [](const NpzOptions& options) { return error_of([&] { read_npz(options); }); };
  NpzOptions options = file({{"x.npy", kWindows}, {"labels.npy", kTwoLabels}});
  EXPECT_THAT(error(options), HasSubstr("data.zip: no array 'y', did you mean 'x'?"));
  options.labels_array = "label";
  EXPECT_THAT(error(options), HasSubstr("no array 'label', did you mean 'labels'?"));
  options.labels_array = "labels";
  options.groups_array = "groups";
  EXPECT_THAT(error(options), HasSubstr("no array 'groups'"));
  options.groups_array = "x";
  EXPECT_THAT(error(options), HasSubstr("two arrays have the same name"));
  options.groups_array = "";
  options.channels = {{.name = "one"}};
  EXPECT_THAT(error(options), HasSubstr("has 2 channels, but 1 are described"));
  options.max_bytes = 100;
  EXPECT_THAT(error(options), HasSubstr("'x.npy' is larger than the limit of 100 bytes"));
  options.rate_hz = 0;
  EXPECT_THAT(error(options), HasSubstr("rate_hz is 0"));

  EXPECT_THAT(error(file({{"x.npy", kTwoLabels}, {"y.npy", kTwoLabels}})),
              HasSubstr("array 'x' has 1 dimensions"));
  EXPECT_THAT(error(file({{"x.npy", kWindows},
                          {"y.npy", npy_bytes("'|u1'", "(3,)", raw<std::uint8_t>({1, 2, 3}))}})),
              HasSubstr("array 'y': its shape is [3], expected [2]"));
  EXPECT_THAT(error(file({{"x.npy", npy_bytes("'<f4'", "(0, 3, 2)", "")}, {"y.npy", kTwoLabels}})),
              HasSubstr("0 windows"));
}

}  // namespace
}  // namespace edgeproof::signal
