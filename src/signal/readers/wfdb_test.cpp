#include "signal/readers/wfdb.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "signal/readers/wfdb_annotations.h"
#include "signal/readers/wfdb_header.h"
#include "signal/readers/wfdb_signals.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// The definition, with every bit where signal(5) puts it.
std::string encode_212(const std::vector<int>& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const int a = values[i] & 0xFFF;
    const int b = i + 1 < values.size() ? values[i + 1] & 0xFFF : 0;
    out += bytes({a & 0xFF, a >> 8 | (b >> 8) << 4});
    if (i + 1 < values.size()) out += bytes({b & 0xFF});
  }
  return out;
}

std::string encode_16(const std::vector<int>& values) {
  std::string out;
  for (const int value : values) out += bytes({value & 0xFF, value >> 8 & 0xFF});
  return out;
}

std::string annotation(int code, int interval) {
  return encode_16({code << 10 | interval});
}

WfdbHeader header(const std::string& text) {
  return parse_wfdb_header(text, "x.hea");
}

std::string header_error(const std::string& text) {
  return error_of([&] { header(text); });
}

TEST(WfdbHeader, EveryFieldIsRead) {
  const WfdbHeader got = header(
      "\xEF\xBB\xBF# a comment\r\n100 2 360/72(10.5) 650000 0:0:0 1/1/1990\r\n"
      "100.dat 212 200(1000)/uV 11 1024 995 -22131 0 lead II, modified\r\n"
      "100b.dat 16x1:0+512 5.5 12 7\n# Aldomet\n");
  EXPECT_EQ(got.rate_hz, 360);
  EXPECT_EQ(got.length, 650000);
  ASSERT_EQ(got.signals.size(), 2u);
  const WfdbSignal& first = got.signals[0];
  EXPECT_EQ(first.file, "100.dat");
  EXPECT_EQ(first.format, 212);
  EXPECT_EQ(first.gain, 200);
  EXPECT_EQ(first.baseline, 1000);
  EXPECT_EQ(first.unit, "uV");
  EXPECT_EQ(first.first, 995);
  EXPECT_EQ(first.checksum, -22131);
  EXPECT_EQ(first.name, "lead II, modified");
  const WfdbSignal& second = got.signals[1];
  EXPECT_EQ(second.format, 16);
  EXPECT_EQ(second.bytes_before, 512);
  EXPECT_EQ(second.gain, 5.5);
  EXPECT_EQ(second.baseline, 7);  // the ADC zero
  EXPECT_EQ(second.unit, "mV");
  EXPECT_FALSE(second.first || second.checksum);
}

TEST(WfdbHeader, WhatIsLeftOutHasItsDefault) {
  const WfdbHeader got = header("r 1\nr.dat 80\n");
  EXPECT_EQ(got.rate_hz, 250);
  EXPECT_EQ(got.length, 0);
  EXPECT_EQ(got.signals[0].gain, 200);
  EXPECT_EQ(got.signals[0].baseline, 0);
  EXPECT_EQ(header("r 1\nr.dat 80 0 12\n").signals[0].gain, 200);  // uncalibrated
}

TEST(WfdbHeader, ErrorsNameTheLine) {
  EXPECT_THAT(header_error(""), HasSubstr("bad_input: x.hea: no record line"));
  EXPECT_THAT(header_error("r/3 2\n"), HasSubstr("unsupported: x.hea, line 1: record 'r/3' has"));
  EXPECT_THAT(header_error("r 0\n"), HasSubstr("without signals"));
  EXPECT_THAT(header_error("r many\n"), HasSubstr("line 1: the number of signals is 'many'"));
  EXPECT_THAT(header_error("r 99999999999\n"), HasSubstr("from 0 to 256"));
  EXPECT_THAT(header_error("r 1 -360\n"),
              HasSubstr("sampling rate is '-360', expected a positive"));
  EXPECT_THAT(header_error("r 1 nan\n"), HasSubstr("sampling rate is 'nan'"));
  EXPECT_THAT(header_error("r 1 360 9999999999\n"), HasSubstr("number of samples is '9999999999'"));
  EXPECT_THAT(header_error("r 2\nr.dat 16\n"),
              HasSubstr("x.hea: 1 signals, but the record line says 2"));
  EXPECT_THAT(header_error("r 1\nr.dat 16\nr.dat 16\n"), HasSubstr("line 3: a further signal"));
  EXPECT_THAT(header_error("r 1\nr.dat\n"), HasSubstr("line 2: no format"));
  EXPECT_THAT(header_error("r 1\nr.dat 310\n"),
              HasSubstr("unsupported: x.hea, line 2: signals in format 310"));
  EXPECT_THAT(header_error("r 1\nr.dat 16x4\n"), HasSubstr("4 samples a frame"));
  EXPECT_THAT(header_error("r 1\nr.dat 16:3\n"), HasSubstr("skew"));
  EXPECT_THAT(header_error("r 1\nr.dat 16*3\n"), HasSubstr("line 2"));
  EXPECT_THAT(header_error("r 1\nr.dat 16 -1\n"), HasSubstr("gain is '-1'"));
  EXPECT_THAT(header_error("r 1\nr.dat 16 200(10/mV\n"), HasSubstr("GAIN(BASELINE)/UNIT"));
  EXPECT_THAT(header_error("r 1\n../../etc/passwd 16\n"),
              HasSubstr("the signal file is '../../etc/passwd'"));
  EXPECT_THAT(header_error("r 1\nr.dat 16 1 2 3 4 x\n"), HasSubstr("checksum is 'x'"));
}

RC_GTEST_PROP(WfdbSignals, Format212IsTwoNumbersInThreeBytes, ()) {
  const auto values = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-2048, 2048));
  const std::string encoded = encode_212(values);
  const auto count = static_cast<std::int64_t>(values.size());
  RC_ASSERT(wfdb_sample_count(static_cast<std::int64_t>(encoded.size()), 212) == count);
  const std::vector<std::int16_t> got = decode_wfdb(encoded, 212, count);
  RC_ASSERT(std::equal(got.begin(), got.end(), values.begin(), values.end()));
}

TEST(WfdbSignals, Formats16And80) {
  EXPECT_EQ(decode_wfdb(bytes({0x01, 0x00, 0xFF, 0xFF, 0x00, 0x80}), 16, 3),
            (std::vector<std::int16_t>{1, -1, -32768}));
  EXPECT_EQ(decode_wfdb(bytes({0, 1, 128, 255}), 80, 4),
            (std::vector<std::int16_t>{-128, -127, 0, 127}));
}

TEST(WfdbAnnotations, IntervalsSkipsAndTextAreFollowed) {
  const std::string text =
      annotation(28, 18) + annotation(63, 3) + "(N" + bytes({0, 0}) +  // rhythm, its name padded
      annotation(1, 59) + annotation(61, 2) + annotation(60, 1) + annotation(62, 1) +
      annotation(59, 0) + encode_16({1, 2}) + annotation(5, 10) + annotation(0, 5) +
      annotation(59, 0) + encode_16({-1, -3}) + annotation(8, 1) + annotation(0, 0) + "rest";
  const auto got = parse_wfdb_annotations(text, "x.atr", 360);
  ASSERT_EQ(got.size(), 5u);
  const std::vector<std::int64_t> samples{18, 77, 77 + 65538 + 10, 65630, 65630 - 3 + 1};
  const std::string symbols = "+NV A";
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].sample, samples[i]) << i;
    EXPECT_EQ(wfdb_symbol(got[i].code), symbols[i]) << i;
  }
}

TEST(WfdbAnnotations, SymbolsAreThoseOfPhysioNet) {
  const std::vector<std::pair<int, char>> some{
      {1, 'N'},  {2, 'L'},  {3, 'R'},  {4, 'a'},  {5, 'V'},  {6, 'F'},
      {7, 'J'},  {8, 'A'},  {9, 'S'},  {10, 'E'}, {11, 'j'}, {12, '/'},
      {13, 'Q'}, {34, 'e'}, {38, 'f'}, {41, 'r'}, {17, ' '}, {50, ' '}};
  for (const auto& [code, symbol] : some) EXPECT_EQ(wfdb_symbol(code), symbol) << code;
}

TEST(WfdbAnnotations, DamageIsNoticed) {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_wfdb_annotations(text, "x.atr", 360); });
  };
  const std::string whole = annotation(1, 5) + annotation(63, 5) + "hello" + bytes({0}) +
                            annotation(59, 0) + encode_16({0, 9}) + annotation(0, 0);
  EXPECT_EQ(parse_wfdb_annotations(whole, "x.atr", 360).size(), 1u);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(error(whole.substr(0, size)), HasSubstr("x.atr: cut short at byte")) << size;
  }
  EXPECT_THAT(error(annotation(59, 0) + encode_16({-1, 0})),
              HasSubstr("x.atr, byte 0: the time becomes -65536"));
  const std::string note = "## time resolution: 1000";
  EXPECT_THAT(error(annotation(22, 0) + annotation(63, static_cast<int>(note.size())) + note),
              HasSubstr("its time resolution is '1000'"));
}

// Two records in three files each: two signals, one of them missing a sample.
Members two_records() {
  const std::vector<int> values{1000, 10, 1200, -2048, 1400, 30};
  const auto sum = [](std::vector<int> all) {
    return fmt::format("{}", std::accumulate(all.begin(), all.end(), 0) & 0xFFFF);
  };
  const std::string signals =
      fmt::format("212 200 11 1000 1000 {} 0 MLII\n", sum({1000, 1200, 1400}));
  const auto hea = [&](const std::string& name) {
    return fmt::format("{0} 2 360 3\n{0}.dat {1}{0}.dat 212 10(0)/mV 11 0 10 {2} 0 V1\n", name,
                       signals, sum({10, -2048, 30}));
  };
  const std::string atr =
      annotation(28, 0) + annotation(1, 1) + annotation(5, 1) + annotation(0, 0);
  return {{"100.atr", atr},        {"100.dat", encode_212(values)}, {"100.hea", hea("100")},
          {"101.hea", hea("101")}, {"101.dat", encode_212(values)}, {"101.atr", atr}};
}

WfdbOptions options_of(const std::filesystem::path& path) {
  return {.sources = {path}, .classes = aami_classes()};
}

std::string error_with(const std::string& name, const std::string& contents) {
  const TempFolder folder;
  Members files = two_records();
  for (auto& [file, bytes] : files) {
    if (file == name) bytes = contents;
  }
  write_tree(folder.path(), files);
  return error_of([&] { read_wfdb(options_of(folder.path())); });
}

TEST(Wfdb, SamplesAndAnnotationsComeToTheirPlace) {
  const TempFolder folder;
  write_tree(folder.path(), two_records());
  const RecordingSet set = read_wfdb(options_of(folder.path()));
  EXPECT_EQ(set.rate_hz, 360);
  ASSERT_EQ(set.channels.size(), 2u);
  EXPECT_EQ(set.channels[0].name, "MLII");
  EXPECT_EQ(set.channels[1].unit, "mV");
  EXPECT_EQ(set.classes, (std::vector<std::string>{"N", "S", "V"}));
  EXPECT_EQ(set.group_names, (std::vector<std::string>{"100", "101"}));
  ASSERT_EQ(set.recordings.size(), 2u);
  const Recording& recording = set.recordings[1];
  EXPECT_EQ(recording.name, "101");
  EXPECT_EQ(recording.group, 1);
  EXPECT_EQ(recording.labels, (std::vector<std::int32_t>{-1, -1, -1}));
  ASSERT_EQ(recording.samples.size(), 6u);
  const std::vector<float> expected{0, 1, 1, NAN, 2, 3};
  for (std::size_t i = 0; i < 6; ++i) {
    if (i == 3) {
      EXPECT_TRUE(std::isnan(recording.samples[i]));
    } else {
      EXPECT_FLOAT_EQ(recording.samples[i], expected[i]);
    }
  }
  ASSERT_EQ(recording.events.size(), 2u);
  EXPECT_EQ(recording.events[0].sample, 1);
  EXPECT_EQ(recording.events[0].label, 0);
  EXPECT_EQ(recording.events[1].sample, 2);
  EXPECT_EQ(recording.events[1].label, 2);
}

TEST(Wfdb, IsTheSameFromFolderAndArchives) {
  const TempFolder folder;
  const Members files = two_records();
  write_tree(folder / "a", files);
  write_archive(folder / "whole.tar.xz", files);
  write_archive(folder / "first.zip", Members(files.begin(), files.begin() + 3));
  write_archive(folder / "second.zip", Members(files.begin() + 3, files.end()));
  const RecordingSet one = read_wfdb(options_of(folder / "a"));
  const RecordingSet two = read_wfdb(options_of(folder / "whole.tar.xz"));
  WfdbOptions both = options_of(folder / "first.zip");
  both.sources.push_back(folder / "second.zip");
  const RecordingSet three = read_wfdb(both);
  EXPECT_EQ(one.checksum, two.checksum);
  EXPECT_EQ(one.checksum, three.checksum);
  EXPECT_EQ(three.recordings[0].events.size(), 2u);
}

TEST(Wfdb, ChannelsAreChosenByName) {
  const TempFolder folder;
  write_tree(folder.path(), two_records());
  WfdbOptions options = options_of(folder.path());
  options.records = {"101"};
  options.channels = {{"chest", {"V5", "V1"}}};
  const RecordingSet set = read_wfdb(options);
  ASSERT_EQ(set.channels.size(), 1u);
  EXPECT_EQ(set.channels[0].name, "chest");
  EXPECT_FLOAT_EQ(set.recordings[0].samples[0], 1);
  options.channels = {{"V6", {}}};
  EXPECT_THAT(error_of([&] { read_wfdb(options); }),
              HasSubstr("101.hea: no signal 'V6' (known: MLII, V1)"));
}

TEST(Wfdb, FilesThatContradictTheHeaderAreErrors) {
  const Members files = two_records();
  const std::string& signal = files[1].second;
  EXPECT_THAT(error_with("100.dat", signal.substr(0, 8)),
              HasSubstr("100.dat: 8 bytes hold 2 samples of 2 signals, expected 3"));
  std::string changed = signal;
  changed[3] = static_cast<char>(changed[3] ^ 1);
  EXPECT_THAT(error_with("100.dat", changed), HasSubstr("checksum of signal 'MLII' is"));
  changed = signal;
  changed[0] = static_cast<char>(changed[0] ^ 1);
  EXPECT_THAT(error_with("100.dat", changed),
              HasSubstr("the first value of signal 'MLII' is 1001, but the header says 1000"));
  EXPECT_THAT(
      error_with(
          "101.hea",
          "101 2 360 2147483647\n101.dat 212 1 11 0 1000 0 0 MLII\n101.dat 212 1 11 0 10 0 0 V1\n"),
      HasSubstr("expected 2147483647"));
  EXPECT_THAT(error_with("101.hea", "101 1 250 3\n101.dat 212\n"), HasSubstr("sampled at 250 Hz"));
  EXPECT_THAT(
      error_with(
          "101.hea",
          "101 2 360 3\n101.dat 212 1/V 11 0 1000 3600 0 MLII\n101.dat 16 1 11 0 1000 3600 0 V1\n"),
      HasSubstr("is in V, but in mV in record '100'"));
  EXPECT_THAT(error_with("100.atr", annotation(1, 3) + annotation(0, 0)),
              HasSubstr("an annotation at sample 3, but there are 3 samples"));
  EXPECT_THAT(
      error_with(
          "101.hea",
          "101 2 360 3\n100.dat 212 200 11 0 1000 3600 0 MLII\n100.dat 212 1 11 0 10 0 0 V1\n"),
      HasSubstr("'100.dat' belongs to another record"));
}

TEST(Wfdb, ChecksumsCanBeIgnored) {
  const TempFolder folder;
  Members files = two_records();
  files[1].second[3] = static_cast<char>(files[1].second[3] ^ 1);
  write_tree(folder.path(), files);
  WfdbOptions options = options_of(folder.path());
  options.check_sums = false;
  EXPECT_FLOAT_EQ(read_wfdb(options).recordings[0].samples[2], 1.005F);
}

TEST(Wfdb, OptionsThatDoNotFitAreErrors) {
  const TempFolder folder;
  write_tree(folder.path(), two_records());
  WfdbOptions options = options_of(folder.path());
  options.classes.push_back({"other", "xA"});
  EXPECT_THAT(error_of([&] { read_wfdb(options); }), HasSubstr("symbol 'A' is in two classes"));
  options = options_of(folder.path());
  options.records = {"100", "100"};
  EXPECT_THAT(error_of([&] { read_wfdb(options); }), HasSubstr("'100' is listed twice"));
  options.records = {"../100"};
  EXPECT_THAT(error_of([&] { read_wfdb(options); }), HasSubstr("leads out of the folder"));
  options.records = {"102"};
  EXPECT_THAT(error_of([&] { read_wfdb(options); }), HasSubstr("no file '102.hea' in it"));
  std::filesystem::create_directories(folder / "empty");
  EXPECT_THAT(error_of([&] { read_wfdb(options_of(folder / "empty")); }),
              HasSubstr("no WFDB header"));
}

}  // namespace
}  // namespace edgeproof::signal
