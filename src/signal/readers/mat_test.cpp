#include "signal/readers/mat.h"

#include <matio.h>

#include <array>
#include <cmath>

#include "signal/readers/mat_file.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

struct Kind {
  const char* name;
  mat_ft version;
  matio_compression compression;
};
constexpr std::array kKinds{Kind{"v5", MAT_FT_MAT5, MAT_COMPRESSION_NONE},
                            Kind{"v5 compressed", MAT_FT_MAT5, MAT_COMPRESSION_ZLIB},
                            Kind{"v7.3", MAT_FT_MAT73, MAT_COMPRESSION_NONE},
                            Kind{"v7.3 compressed", MAT_FT_MAT73, MAT_COMPRESSION_ZLIB}};

// Writes one MATLAB file after the other.
class Writer {
 public:
  explicit Writer(const Kind& kind)
      : kind_(kind), mat_(Mat_CreateVer((folder_ / "x.mat").c_str(), nullptr, kind.version)) {}

  template <typename T>
  Writer& add(const char* name, matio_classes array_class, matio_types type, std::vector<T> values,
              std::size_t rows, std::size_t columns, int flags = 0) {
    std::array<std::size_t, 2> shape{rows, columns};
    matvar_t* variable =
        Mat_VarCreate(name, array_class, type, 2, shape.data(), values.data(), flags);
    Mat_VarWrite(mat_, variable, kind_.compression);
    Mat_VarFree(variable);
    return *this;
  }

  Writer& add_doubles(const char* name, const std::vector<double>& values) {
    return add(name, MAT_C_DOUBLE, MAT_T_DOUBLE, values, values.size(), 1);
  }

  Writer& add_complex(const char* name) {
    std::array<double, 3> re{1, 2, 3}, im{4, 5, 6};
    mat_complex_split_t both{re.data(), im.data()};
    std::array<std::size_t, 2> shape{3, 1};
    matvar_t* variable =
        Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, shape.data(), &both, MAT_F_COMPLEX);
    Mat_VarWrite(mat_, variable, kind_.compression);
    Mat_VarFree(variable);
    return *this;
  }

  Writer& add_cell(const char* name) {
    std::array<std::size_t, 2> shape{1, 1};
    double one = 1;
    matvar_t* inside = Mat_VarCreate("a", MAT_C_DOUBLE, MAT_T_DOUBLE, 2, shape.data(), &one, 0);
    std::array<matvar_t*, 2> cells{inside, nullptr};
    matvar_t* variable =
        Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, shape.data(), cells.data(), 0);
    Mat_VarWrite(mat_, variable, kind_.compression);
    Mat_VarFree(variable);
    return *this;
  }

  std::string bytes() {
    Mat_Close(mat_);
    return read_file(folder_ / "x.mat");
  }

 private:
  const Kind& kind_;
  TempFolder folder_;
  mat_t* mat_;
};

std::vector<float> vector_of(const std::string& bytes, const std::string& name) {
  return read_mat_vectors(bytes, "x.mat", std::vector<std::string>{name}).front();
}

std::string error_for(const std::string& bytes, const std::string& name) {
  return error_of([&] { vector_of(bytes, name); });
}

TEST(MatFile, VectorsOfEveryClassAndVersionAreRead) {
  for (const Kind& kind : kKinds) {
    Writer writer(kind);
    writer.add_doubles("X105_DE_time", {1.5, NAN, -3});
    writer.add<float>("single", MAT_C_SINGLE, MAT_T_SINGLE, {0.25F, 2}, 1, 2);
    writer.add<std::int8_t>("i8", MAT_C_INT8, MAT_T_INT8, {-128, 127}, 2, 1);
    writer.add<std::uint16_t>("u16", MAT_C_UINT16, MAT_T_UINT16, {65535}, 1, 1);
    writer.add<std::int32_t>("i32", MAT_C_INT32, MAT_T_INT32, {-70000, 1}, 2, 1);
    const std::string bytes = writer.bytes();
    const std::vector<float> doubles = vector_of(bytes, "DE_time");
    ASSERT_EQ(doubles.size(), 3u) << kind.name;
    EXPECT_EQ(doubles[0], 1.5F);
    EXPECT_TRUE(std::isnan(doubles[1]));
    EXPECT_EQ(doubles[2], -3);
    EXPECT_EQ(vector_of(bytes, "single"), (std::vector<float>{0.25F, 2})) << kind.name;
    EXPECT_EQ(vector_of(bytes, "i8"), (std::vector<float>{-128, 127})) << kind.name;
    EXPECT_EQ(vector_of(bytes, "u16"), (std::vector<float>{65535})) << kind.name;
    EXPECT_EQ(vector_of(bytes, "i32"), (std::vector<float>{-70000, 1})) << kind.name;
  }
}

TEST(MatFile, AnExactNameGoesBeforeAnEnding) {
  const std::string bytes = Writer(kKinds[0])
                                .add_doubles("x_time", {1})
                                .add_doubles("time", {2})
                                .add_doubles("y_time", {3})
                                .bytes();
  EXPECT_EQ(vector_of(bytes, "time"), std::vector<float>{2});
  EXPECT_THAT(error_for(bytes, "_time"),
              HasSubstr("both 'x_time' and 'y_time' end with '_time', give the whole name"));
  EXPECT_THAT(error_for(bytes, "x_tim"),
              HasSubstr("no variable 'x_tim' or '...x_tim', did you mean"));
}

TEST(MatFile, WhatIsNoVectorOfRealNumbersIsRefused) {
  for (const Kind& kind : kKinds) {
    const std::string bytes =
        Writer(kind)
            .add<double>("matrix", MAT_C_DOUBLE, MAT_T_DOUBLE, {1, 2, 3, 4}, 2, 2)
            .add<std::uint8_t>("text", MAT_C_CHAR, MAT_T_UINT8, {65, 66}, 1, 2)
            .add_complex("complex")
            .add_cell("cell")
            .add_doubles("infinite", {1, INFINITY})
            .bytes();
    EXPECT_THAT(error_for(bytes, "matrix"),
                HasSubstr("'matrix' has 2 x 2 values, expected a vector"))
        << kind.name;
    EXPECT_THAT(error_for(bytes, "text"), HasSubstr("'text' is text, expected")) << kind.name;
    EXPECT_THAT(error_for(bytes, "complex"), HasSubstr("'complex' is complex, expected"))
        << kind.name;
    EXPECT_THAT(error_for(bytes, "cell"), HasSubstr("'cell' is a cell array, expected"))
        << kind.name;
    EXPECT_THAT(error_for(bytes, "infinite"), HasSubstr("value 2 of 'infinite' is infinite"))
        << kind.name;
  }
}

TEST(MatFile, OtherFilesAreRefused) {
  EXPECT_THAT(error_for("", "x"), HasSubstr("unsupported: x.mat: no MATLAB file of version 5"));
  EXPECT_THAT(error_for(std::string(500, 'x'), "x"), HasSubstr("unsupported"));
  const std::string empty = Writer(kKinds[0]).bytes();
  EXPECT_THAT(error_for(empty, "x"), HasSubstr("no variable 'x'"));
}

// From a machine of the other byte order, written out by hand.
TEST(MatFile, BigEndianFilesAreRead) {
  std::string bytes = "MATLAB 5.0 MAT-file";
  bytes.resize(124, ' ');
  bytes += std::string("\x01\x00MI", 4);
  const auto word = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  };
  for (const std::uint32_t value : {14U, 64U,                               // an array
                                    6U, 8U, 6U, 0U,                         // of doubles
                                    5U, 8U, 2U, 1U,                         // 2 x 1
                                    0x00010001U, std::uint32_t{'x'} << 24,  // its name in the tag
                                    9U, 16U, 0x3FF80000U, 0U, 0xC0000000U, 0U}) {
    word(value);
  }
  EXPECT_EQ(vector_of(bytes, "x"), (std::vector<float>{1.5F, -2}));
}

// A file that claims 2^31 - 1 values is not believed.
TEST(MatFile, HugeSizesAreErrors) {
  std::string bytes = Writer(kKinds[0]).add_doubles("x", {1, 2, 3}).bytes();
  const std::size_t rows = 128 + 8 + 16 + 8;
  ASSERT_EQ(bytes[rows], 3);
  bytes.replace(rows, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_THAT(error_for(bytes, "x"),
              HasSubstr("claims 2147483647 x 1 values, but has bytes for at most 3"));
  bytes.replace(rows, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_THAT(error_for(bytes, "x"), HasSubstr("claims -1 x 1 values"));
  bytes.replace(128 + 4, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_THAT(error_for(bytes, "x"),
              HasSubstr("x.mat, byte 136: expected 2147483647 bytes of data"));
}

// Whatever happens to a version 5 file, there is an Error or a vector; never a crash.
TEST(MatFile, EveryCutAndFlipOfAVersion5FileIsSurvived) {
  for (const Kind& kind : {kKinds[0], kKinds[1]}) {
    const std::string whole =
        Writer(kind).add_doubles("a", {1, 2, 3, 4, 5, 6}).add_cell("c").bytes();
    int errors = 0;
    const auto attempt = [&](const std::string& bytes) {
      try {
        EXPECT_EQ(vector_of(bytes, "a").size(), 6u);
      } catch (const Error&) {
        ++errors;
      }
    };
    for (std::size_t size = 0; size < whole.size(); ++size) attempt(whole.substr(0, size));
    const int cuts = errors;
    EXPECT_GT(cuts, 100);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ flip);
        attempt(bytes);
      }
    }
    EXPECT_GT(errors, cuts + 20);
  }
}

std::string two_channels(const std::vector<double>& a, const std::vector<double>& b) {
  return Writer(kKinds[1]).add_doubles("X1_DE_time", a).add_doubles("X1_FE_time", b).bytes();
}

MatOptions options_of(const std::filesystem::path& path) {
  return {.path = path,
          .files = {{"one.mat", "fault", "2"}, {"two.mat", "normal", "10"}, {"three.mat", "", "2"}},
          .channels = {{.name = "DE_time", .unit = "g"}, {.name = "FE_time"}},
          .rate_hz = 12000};
}

TEST(Mat, EachFileIsARecordingFromAFolderOrAnArchive) {
  const TempFolder folder;
  const Members files{{"one.mat", two_channels({1, 2}, {3, 4})},
                      {"two.mat", two_channels({5}, {6})},
                      {"three.mat", two_channels({7}, {8})}};
  write_tree(folder / "a", files);
  write_archive(folder / "a.tar.xz", files);
  for (const char* name : {"a", "a.tar.xz"}) {
    const RecordingSet set = read_mat(options_of(folder / name));
    EXPECT_EQ(set.rate_hz, 12000);
    EXPECT_EQ(set.channels[0].unit, "g");
    EXPECT_EQ(set.classes, (std::vector<std::string>{"fault", "normal"}));
    EXPECT_EQ(set.group_names, (std::vector<std::string>{"2", "10"}));
    ASSERT_EQ(set.recordings.size(), 3u);
    EXPECT_EQ(set.recordings[0].name, "one");
    EXPECT_EQ(set.recordings[0].samples, (std::vector<float>{1, 3, 2, 4}));
    EXPECT_EQ(set.recordings[0].labels, (std::vector<std::int32_t>{0, 0}));
    EXPECT_EQ(set.recordings[1].labels, (std::vector<std::int32_t>{1}));
    EXPECT_EQ(set.recordings[1].group, 1);
    EXPECT_EQ(set.recordings[2].labels, (std::vector<std::int32_t>{-1}));
    EXPECT_EQ(set.checksum, read_mat(options_of(folder / "a")).checksum);
  }
}

TEST(Mat, ErrorsNameTheFile) {
  const TempFolder folder;
  write_tree(folder.path(), {{"one.mat", two_channels({1, 2}, {3})}});
  MatOptions options = options_of(folder.path());
  options.files.resize(1);
  EXPECT_THAT(error_of([&] { read_mat(options); }),
              HasSubstr("one.mat: 'FE_time' has 1 values, but 'DE_time' has 2"));
  options.files.push_back(options.files[0]);
  EXPECT_THAT(error_of([&] { read_mat(options); }), HasSubstr("'one.mat' is listed twice"));
  options.files.resize(1);
  options.rate_hz = 0;
  EXPECT_THAT(error_of([&] { read_mat(options); }), HasSubstr("rate_hz is 0"));
  options.channels.clear();
  EXPECT_THAT(error_of([&] { read_mat(options); }), HasSubstr("name the variables"));
}

}  // namespace
}  // namespace edgeproof::signal
