#include "signal/readers/source_files.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
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

  bool seen(std::size_t index) const { return !digests_[index].empty(); }

  void operator()(std::size_t index, std::string place, std::string bytes) {
    if (seen(index)) fail(ErrorCode::bad_input, "{}: a second '{}'", place, names_[index]);
    const SourceFile file{index, std::move(place), std::move(bytes)};
    digests_[index] = sha256(file.bytes);
    visit_(file);
  }

  std::string checksum() const {
    std::string list;
    for (std::size_t i = 0; i < names_.size(); ++i) list += digests_[i] + "  " + names_[i] + "\n";
    return sha256(list);
  }

 private:
  std::span<const std::string> names_;
  const std::function<void(const SourceFile&)>& visit_;
  std::vector<std::string> digests_;
};

// No name may lead out of the folder, whoever chose it: a user, a header file or an archive.
void expect_inside(const fs::path& folder, const std::string& name) {
  const fs::path path(name);
  const bool climbs = std::ranges::any_of(path, [](const fs::path& part) { return part == ".."; });
  if (path.is_absolute() || climbs) {
    fail(ErrorCode::bad_input, "{}: the file name '{}' leads out of the folder", folder.string(),
         name);
  }
}

void visit_folder(const fs::path& folder, std::span<const std::string> names,
                  std::uint64_t max_bytes, Visit& visit) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    expect_inside(folder, names[i]);
    const fs::path path = folder / names[i];
    std::error_code error;  // a name may be too long for any file
    if (fs::exists(path, error)) visit(i, path.string(), read_file(path, max_bytes));
  }
}

void visit_archive(ArchiveReader& archive, const std::string& archive_place, bool nested,
                   std::span<const std::string> names, std::uint64_t max_bytes, Visit& visit) {
  while (const auto member = archive.next()) {
    const std::string place = fmt::format("{}: '{}'", archive_place, *member);
    const auto found = std::ranges::find_if(
        names, [&](const std::string& name) { return is_member(*member, name); });
    if (found != names.end()) {
      visit(static_cast<std::size_t>(found - names.begin()), place, archive.read(max_bytes));
    } else if (!nested && member->ends_with(".zip")) {
      constexpr std::uint64_t kMaxNestedBytes = std::uint64_t{1} << 28;
      ArchiveReader inner(archive.read(kMaxNestedBytes), place);
      visit_archive(inner, place, true, names, max_bytes, visit);
    }
  }
}

std::string all_of(std::span<const fs::path> sources) {
  std::vector<std::string> paths;
  for (const fs::path& path : sources) paths.push_back(path.string());
  return join(paths, ", ");
}

}  // namespace

std::string visit_source_files(std::span<const fs::path> sources,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit) {
  Visit visitor(names, visit);
  for (const fs::path& source : sources) {
    if (fs::is_directory(source)) {
      visit_folder(source, names, max_bytes, visitor);
    } else {
      ArchiveReader archive(source);
      visit_archive(archive, source.string(), false, names, max_bytes, visitor);
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!visitor.seen(i)) {
      fail(ErrorCode::bad_input, "{}: no file '{}' in it", all_of(sources), names[i]);
    }
  }
  return visitor.checksum();
}

std::string visit_source_files(const fs::path& folder_or_archive,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit) {
  return visit_source_files(std::span(&folder_or_archive, 1), names, max_bytes, visit);
}

std::vector<std::string> list_source_files(std::span<const fs::path> sources,
                                           std::string_view ending) {
  constexpr std::size_t kMaxFiles = 1'000'000;
  std::vector<std::string> names;
  std::size_t count = 0;
  const auto add = [&](const std::string& name) {
    if (++count > kMaxFiles) {
      fail(ErrorCode::bad_input, "{}: more than {} files", all_of(sources), kMaxFiles);
    }
    if (name.ends_with(ending)) names.push_back(name);
  };
  for (const fs::path& source : sources) {
    if (fs::is_directory(source)) {
      for (const auto& entry : fs::recursive_directory_iterator(source)) {
        if (entry.is_regular_file()) add(entry.path().lexically_relative(source).generic_string());
      }
    } else {
      ArchiveReader archive(source);
      while (const auto member = archive.next()) add(*member);
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace edgeproof::signal
