// Test: source_files_test.cpp.

#include "signal/readers/source_files.h"

#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "signal/readers/archive.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;

bool is_member(std::string_view path, std::string_view name) {
  if (!path.ends_with(name)) return false;
  return path.size() == name.size() || path[path.size() - name.size() - 1] == '/';
}

// Shows each file to the visitor and remembers its digest.
class Visit {
 public:
  Visit(std::span<const std::string> names, const std::function<void(const SourceFile&)>& visit)
      : names_(names), visit_(visit), digests_(names.size()) {}

  bool seen(size_t index) const { return !digests_[index].empty(); }

  void operator()(size_t index, std::string place, std::string bytes) {
    const SourceFile file{index, std::move(place), std::move(bytes)};
    digests_[index] = sha256(file.bytes);
    visit_(file);
  }

  std::string checksum() const {
    std::string list;
    for (size_t i = 0; i < names_.size(); ++i) list += digests_[i] + "  " + names_[i] + "\n";
    return sha256(list);
  }

 private:
  std::span<const std::string> names_;
  const std::function<void(const SourceFile&)>& visit_;
  std::vector<std::string> digests_;
};

void visit_folder(const fs::path& folder, std::span<const std::string> names,
                  std::uint64_t max_bytes, Visit& visit) {
  for (size_t i = 0; i < names.size(); ++i) {
    const fs::path path = folder / names[i];
    visit(i, path.string(), read_file(path, max_bytes));
  }
}

void visit_archive(const fs::path& path, std::span<const std::string> names,
                   std::uint64_t max_bytes, Visit& visit) {
  ArchiveReader archive(path);
  while (const auto member = archive.next()) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (!is_member(*member, names[i])) continue;
      const std::string place = fmt::format("{}: '{}'", path.string(), *member);
      if (visit.seen(i)) fail(ErrorCode::bad_input, "{}: a second '{}'", place, names[i]);
      visit(i, place, archive.read(max_bytes));
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!visit.seen(i)) {
      fail(ErrorCode::bad_input, "{}: no file '{}' in the archive", path.string(), names[i]);
    }
  }
}

}  // namespace

std::string visit_source_files(const fs::path& folder_or_archive,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit) {
  Visit visitor(names, visit);
  if (fs::is_directory(folder_or_archive)) {
    visit_folder(folder_or_archive, names, max_bytes, visitor);
  } else {
    visit_archive(folder_or_archive, names, max_bytes, visitor);
  }
  return visitor.checksum();
}

}  // namespace edgeproof::signal
