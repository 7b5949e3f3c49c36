#include "formats/onnx_external.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

#include "core/error.h"
#include "formats/onnx_proto.h"

namespace edgeproof::formats {
namespace {

namespace fs = std::filesystem;

std::uint64_t number(const std::string& text, const std::string& where) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(ErrorCode::bad_input, "{}: '{}' is no offset or length", where, text);
  }
  return value;
}

// The real path, if that is in `folder`.
fs::path inside(const fs::path& folder, const std::string& location, const std::string& where) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path relative(location);
  const bool climbs = std::ranges::find(relative, fs::path("..")) != relative.end();
  if (error || location.empty() || relative.is_absolute() || climbs) {
    fail(ErrorCode::bad_input, "{}: its file '{}' is not in the model's folder", where, location);
  }
  const fs::path file = fs::canonical(root / relative, error);
  if (error) fail(ErrorCode::io, "{}: its file '{}' cannot be read", where, location);
  const auto [at, unused] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (at != root.end() || !fs::is_regular_file(file, error)) {
    fail(ErrorCode::bad_input, "{}: its file '{}' is not in the model's folder", where, location);
  }
  return file;
}

}  // namespace

void load_external_data(onnx::ModelProto& model, const fs::path& folder,
                        const std::string& source) {
  std::uint64_t budget = kMaxModelBytes;
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL) continue;
    const std::string where = fmt::format("{}: tensor '{}'", source, tensor.name());
    std::map<std::string, std::string> entries;
    for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
    const fs::path file = inside(folder, entries["location"], where);
    const std::uint64_t size = fs::file_size(file);
    const std::uint64_t offset = entries.contains("offset") ? number(entries["offset"], where) : 0;
    const std::uint64_t rest = offset > size ? 0 : size - offset;
    const std::uint64_t length =
        entries.contains("length") ? number(entries["length"], where) : rest;
    if (offset > size || length > rest || length > budget) {
      fail(ErrorCode::bad_input,
           "{}: bytes {} to {} of '{}', which has {}; at most {} of a model are read", where,
           offset, offset + length, entries["location"], size, kMaxModelBytes);
    }
    budget -= length;
    std::string bytes(static_cast<std::size_t>(length), '\0');
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    if (!in.read(bytes.data(), static_cast<std::streamsize>(length))) {
      fail(ErrorCode::io, "{}: its file '{}' cannot be read", where, entries["location"]);
    }
    tensor.set_raw_data(std::move(bytes));
    tensor.clear_data_location();
    tensor.clear_external_data();
  }
}

}  // namespace edgeproof::formats
