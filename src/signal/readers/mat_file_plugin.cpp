// The plug-in `matlab` (core/plugin.h). libmatio opens files by name only, so the bytes are written
// to a temporary one (HDF5 does not take one in memory, memfd_create). Test: mat_test.cpp.

#include "signal/readers/mat_file.h"

#include <hdf5.h>
#include <matio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>

#include "core/error.h"
#include "core/files.h"
#include "core/plugin.h"
#include "core/temp_folder.h"
#include "core/text.h"
#include "signal/readers/mat_scan.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kHeaderBytes = 128;
constexpr std::int64_t kMaxInflation = 1032;  // of deflate: one bit for 258 bytes, at best
constexpr std::int64_t kMaxValues = 1 << 28;  // of a variable

// A file of the given pieces, one after the other, that lives as long as this.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::span<const std::string_view> pieces) : path_(folder_ / "data.mat") {
    OutputFile file(path_);
    for (const std::string_view piece : pieces) file.write(piece);
    file.commit();
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  TempFolder folder_;
  std::filesystem::path path_;
};

// The library's only way to say what is wrong is a function without context; `Text` is const since
// its version 1.5.24.
thread_local std::string last_message;

template <typename Text>
void remember_message(int, Text* message) {
  last_message = message;
}

struct CloseMat {
  void operator()(mat_t* file) const { Mat_Close(file); }
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using MatHandle = std::unique_ptr<mat_t, CloseMat>;
using MatVariable = std::unique_ptr<matvar_t, CloseMat>;

std::string reason() {
  const std::string_view text = trim(last_message);
  return text.empty() ? "" : fmt::format(" ({})", text.substr(0, text.find('\n')));
}

MatHandle open_mat(const TemporaryFile& file, const std::string& place) {
  last_message.clear();
  Mat_LogInitFunc("", remember_message);
  MatHandle mat(Mat_Open(file.path().c_str(), MAT_ACC_RDONLY));
  if (!mat) {
    fail(ErrorCode::bad_input, "{}: cannot be read as a MATLAB file{}", place, reason());
  }
  return mat;
}

// The place in `known` of the variable that is called `name` or whose name ends so.
std::size_t choose(const std::vector<std::string>& known, const std::string& name,
                   const std::string& place) {
  std::vector<std::size_t> found;
  for (const bool exact : {true, false}) {
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (exact ? known[i] == name : known[i].ends_with(name)) found.push_back(i);
    }
    if (!found.empty()) break;
  }
  if (found.empty()) {
    fail(ErrorCode::bad_input, "{}: no variable '{}' or '...{}'{}", place, name, name,
         did_you_mean(name, known));
  }
  if (found.size() > 1) {
    fail(ErrorCode::bad_input, "{}: both '{}' and '{}' end with '{}', give the whole name", place,
         known[found[0]], known[found[1]], name);
  }
  return found.front();
}

std::string_view class_name(int array_class) {
  switch (array_class) {
    case MAT_C_CELL:
      return "a cell array";
    case MAT_C_STRUCT:
      return "a struct";
    case MAT_C_CHAR:
      return "text";
    case MAT_C_SPARSE:
      return "sparse";
    case MAT_C_OBJECT:
    case MAT_C_OPAQUE:
      return "an object";
    case MAT_C_FUNCTION:
      return "a function";
    default:
      return "no array of numbers";
  }
}

// The number of values of a variable that is a vector of real numbers; an Error if it is none, or
// has more values than `max_count`.
std::int64_t expect_vector(const std::string& what, int array_class, bool complex,
                           std::span<const std::int64_t> shape, std::int64_t max_count) {
  if (array_class < MAT_C_DOUBLE || array_class > MAT_C_UINT64 || complex) {
    fail(ErrorCode::bad_input, "{} is {}, expected a vector of real numbers", what,
         complex ? "complex" : class_name(array_class));
  }
  std::int64_t count = 1, longest = 0;
  for (const std::int64_t size : shape) {
    if (size < 0 || (size > 0 && count > max_count / size)) {
      fail(ErrorCode::bad_input, "{} claims {} values, but has bytes for at most {}", what,
           fmt::join(shape, " x "), max_count);
    }
    count *= size;
    longest = std::max(longest, size);
  }
  if (count == 0 || count != longest) {
    fail(ErrorCode::bad_input, "{} has {} values, expected a vector, N x 1 or 1 x N", what,
         fmt::join(shape, " x "));
  }
  return count;
}

template <typename T>
std::vector<float> convert(const matvar_t& variable, std::int64_t count) {
  const T* values = static_cast<const T*>(variable.data);
  std::vector<float> out(static_cast<std::size_t>(count));
  std::transform(values, values + count, out.begin(),
                 [](T value) { return static_cast<float>(value); });
  return out;
}

std::vector<float> values_of(const matvar_t& variable, const std::string& what,
                             std::int64_t count) {
  const auto size = static_cast<std::int64_t>(Mat_SizeOfClass(variable.class_type));
  if (variable.data == nullptr || static_cast<std::int64_t>(variable.nbytes) != count * size) {
    fail(ErrorCode::bad_input, "{} cannot be read{}; the file is damaged", what, reason());
  }
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return convert<double>(variable, count);
    case MAT_C_SINGLE:
      return convert<float>(variable, count);
    case MAT_C_INT8:
      return convert<std::int8_t>(variable, count);
    case MAT_C_UINT8:
      return convert<std::uint8_t>(variable, count);
    case MAT_C_INT16:
      return convert<std::int16_t>(variable, count);
    case MAT_C_UINT16:
      return convert<std::uint16_t>(variable, count);
    case MAT_C_INT32:
      return convert<std::int32_t>(variable, count);
    case MAT_C_UINT32:
      return convert<std::uint32_t>(variable, count);
    case MAT_C_INT64:
      return convert<std::int64_t>(variable, count);
    default:
      return convert<std::uint64_t>(variable, count);
  }
}

std::string described(const std::string& place, std::string_view variable) {
  return fmt::format("{}: variable '{}'", place, variable);
}

std::vector<float> read_mat5(std::string_view header, const MatElement& element,
                             const std::string& place) {
  const std::string what = described(place, element.name);
  const std::int64_t count = expect_vector(what, element.array_class, element.complex,
                                           element.shape, std::min(element.values, kMaxValues));
  if (count != element.values) {
    fail(ErrorCode::bad_input, "{} claims {} values, but has {}", what, count, element.values);
  }
  const std::string bytes = decompress(element, place);
  const TemporaryFile file(std::array{header, std::string_view(bytes)});
  const MatHandle mat = open_mat(file, place);
  const MatVariable variable(Mat_VarReadNext(mat.get()));
  if (!variable) fail(ErrorCode::bad_input, "{} cannot be read{}", what, reason());
  return values_of(*variable, what, count);
}

std::vector<std::vector<float>> read_all_mat5(const std::string& bytes, const std::string& place,
                                              std::span<const std::string> names) {
  const std::vector<MatElement> elements = scan_mat5(bytes, place);
  std::vector<std::string> known;
  for (const MatElement& element : elements) known.push_back(element.name);
  std::vector<std::vector<float>> vectors;
  for (const std::string& name : names) {
    const MatElement& element = elements[choose(known, name, place)];
    vectors.push_back(read_mat5(std::string_view(bytes).substr(0, kHeaderBytes), element, place));
  }
  return vectors;
}

std::vector<std::vector<float>> read_all_mat73(const std::string& bytes, const std::string& place,
                                               std::span<const std::string> names) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // or it prints every error
  const TemporaryFile file(std::array{std::string_view(bytes)});
  const MatHandle mat = open_mat(file, place);
  std::size_t count = 0;
  const auto directory = Mat_GetDir(mat.get(), &count);
  const std::vector<std::string> known(directory, directory + count);
  const std::int64_t max_values =
      std::min(kMaxValues, static_cast<std::int64_t>(bytes.size()) * kMaxInflation);
  std::vector<std::vector<float>> vectors;
  for (const std::string& name : names) {
    const std::string& variable_name = known[choose(known, name, place)];
    const std::string what = described(place, variable_name);
    const MatVariable variable(Mat_VarReadInfo(mat.get(), variable_name.c_str()));
    if (!variable) fail(ErrorCode::bad_input, "{} cannot be read{}", what, reason());
    const std::vector<std::int64_t> shape(variable->dims, variable->dims + variable->rank);
    const std::int64_t values =
        expect_vector(what, variable->class_type, variable->isComplex != 0, shape, max_values);
    if (Mat_VarReadDataAll(mat.get(), variable.get()) != 0) {
      fail(ErrorCode::bad_input, "{} cannot be read{}", what, reason());
    }
    vectors.push_back(values_of(*variable, what, values));
  }
  return vectors;
}

std::vector<std::vector<float>> read_vectors(const std::string& bytes, const std::string& place,
                                             std::span<const std::string> names) {
  static std::mutex one_at_a_time;  // neither library is thread-safe
  const std::lock_guard lock(one_at_a_time);
  const bool is_73 = bytes.starts_with("MATLAB 7.3 MAT-file");
  if (bytes.size() < kHeaderBytes || (!is_73 && !bytes.starts_with("MATLAB 5.0 MAT-file"))) {
    fail(ErrorCode::unsupported,
         "{}: no MATLAB file of version 5 to 7.3; save with '-v7' (version 4 is not read)", place);
  }
  std::vector<std::vector<float>> vectors =
      is_73 ? read_all_mat73(bytes, place, names) : read_all_mat5(bytes, place, names);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto infinite = std::ranges::find_if(vectors[i], [](float v) { return std::isinf(v); });
    if (infinite != vectors[i].end()) {
      fail(ErrorCode::bad_input, "{}: value {} of '{}' is infinite or too large", place,
           infinite - vectors[i].begin() + 1, names[i]);
    }
  }
  return vectors;
}

}  // namespace
}  // namespace edgeproof::signal

const void* edgeproof_plugin(const edgeproof::Host& host) {
  static constexpr edgeproof::signal::MatlabReader kReader = {edgeproof::signal::read_vectors};
  return edgeproof::join_host(host, &kReader);
}
