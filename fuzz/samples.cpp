#include "fuzz/samples.h"

#include <fmt/format.h>
#include <matio.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/files.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"
#include "signal/streams/zip_writer.h"

namespace edgeproof::fuzz {
namespace {

constexpr std::size_t kMostBytes = 8192;  // of a model: damage to larger ones hits weights

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

template <typename T>
std::string npy(const std::string& type, std::vector<std::int64_t> shape, std::vector<T> values) {
  return signal::npy_header(type, shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace

std::vector<Files> onnx_samples() {
  using namespace formats;
  std::vector<Files> samples;
  for (const graph::Graph& graph : {two_dense_layers(), other_operators()}) {
    const graph::Graph unfolded = with_random_weights(graph, 1);
    for (const graph::Graph& form :
         {unfolded, with_random_ranges(graph::fold(unfolded), 1), as_random_int8(unfolded, 1)}) {
      const std::string ours = to_onnx({form, {{"key", "value"}}});
      onnx::ModelProto model;
      model.ParseFromString(ours);
      model.set_producer_name("other");
      samples.push_back({{"m.onnx", ours}});
      samples.push_back({{"m.onnx", model.SerializeAsString()}});
    }
  }
  std::vector<std::filesystem::path> made_elsewhere;
  for (const auto& entry : std::filesystem::directory_iterator(FUZZ_MODELS)) {
    const bool is_small = entry.path().extension() == ".onnx" && entry.file_size() < kMostBytes;
    if (is_small) made_elsewhere.push_back(entry.path());
  }
  std::ranges::sort(made_elsewhere);
  for (const auto& path : made_elsewhere) samples.push_back({{"m.onnx", read_file(path)}});
  return samples;
}

std::vector<Files> csv_samples() {
  const std::string plain =
      "t,x,y,label,who\n0,1,2,sit,a\n0.1,1.5,,sit,a\n0.2,nan,3,run,a\n0.3,1,2,run,b\n";
  return {{{"a.csv", plain}},
          {{"a.csv",
            "\xEF\xBB\xBFt,\"x\",y,label,who\r\n0,\"1\",2e3,\"a \"\"b\"\"\",1\r\n1,-1,0,,1\r\n"}},
          {{"a.csv", "t,x,y,label,who\n0,1,2,a,b\n1,1,2,a,b\n500,1,2,a,b\n502,1,2,a,b\n"}}};
}

// The arrays, which the target puts into an archive (whose checksums damage would not pass).
std::vector<Files> npz_samples() {
  return {{{"x.npy", npy<float>("<f4", {3, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})},
           {"y.npy", npy<std::int64_t>("<i8", {3}, {0, 1, 0})}},
          {{"x.npy", npy<double>("<f8", {4, 1}, {1, 2, 3, 4})},
           {"y.npy", npy<std::int32_t>("<U1", {4}, {'a', 'a', 'b', 0})},
           {"groups.npy", npy<std::int16_t>("<i2", {4}, {1, 1, 2, 2})}}};
}

std::vector<Files> wfdb_samples() {
  const std::string header =
      "100 2 360 3\n100.dat 212 200 11 1000 1000 3600 0 MLII\n100.dat 212 10(0)/mV 11 0 10 63528 0 "
      "V1\n";
  const std::string signals = bytes_of({0xe8, 0x03, 0x0a, 0xb0, 0x84, 0x00, 0x78, 0x05, 0x1e});
  const std::string beats =
      bytes_of({0, 0x70, 1, 0x04, 1, 0x14, 5, 0xfc, 'h', 'e', 'l', 'l', 'o', 0, 0, 0});
  return {
      {{"100.hea", header}, {"100.dat", signals}, {"100.atr", beats}},
      {{"100.hea", "# c\n100 1 250/1(0) 4 12:00:00\n100.dat 16+2 200/mV 12 0 1 10 0 ECG\n# end\n"},
       {"100.dat", bytes_of({9, 9, 1, 0, 2, 0, 3, 0, 4, 0})}}};
}

std::vector<Files> mat_samples() {
  std::vector<Files> samples;
  for (const bool compressed : {false, true}) {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("fuzz-{}.mat", getpid());
    mat_t* mat = Mat_CreateVer(path.c_str(), nullptr, MAT_FT_MAT5);
    for (const char* name : {"X1_DE_time", "X1_FE_time"}) {
      std::array<std::size_t, 2> shape{4, 1};
      std::array<double, 4> values{1, 2, 3.5, 4};
      matvar_t* variable =
          Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, shape.data(), values.data(), 0);
      Mat_VarWrite(mat, variable, compressed ? MAT_COMPRESSION_ZLIB : MAT_COMPRESSION_NONE);
      Mat_VarFree(variable);
    }
    Mat_Close(mat);
    samples.push_back({{"a.mat", read_file(path)}});
    std::filesystem::remove(path);
  }
  return samples;
}

std::vector<Files> ts_samples() {
  const std::string header =
      "# made\n@problemName Made\n@timeStamps false\n@univariate false\n@dimensions 2\n"
      "@equalLength false\n@classLabel true up -1\n@data\n";
  return {{{"m.ts", header + "1,2,?:3,4,5:up\n1,2,3:3,NaN,5:-1\n"}},
          {{"m.ts",
            "@problemName A\n@timeStamps false\n@univariate true\n@classLabel true 1 "
            "2\n@data\n1,2:1\n3,4:2\n"}}};
}

std::vector<Files> arff_samples() {
  return {{{"m.arff",
            "% made\n@RELATION Made\n\n@ATTRIBUTE att0 numeric\n@attribute 'att 1' REAL\n"
            "@attribute target {1, 'two words',3}\n\n@DATA\n1,2,3\n?,4.5,'two words'\n"}},
          {{"m.arff",
            "@relation 'Made'\n@attribute series relational\n@attribute t0 numeric\n"
            "@attribute t1 numeric\n@end series\n@attribute activity "
            "{A,B}\n@data\n'1,2\\n3,4',A\n\"5,6\\n7,8\",B\n"}}};
}

}  // namespace edgeproof::fuzz
