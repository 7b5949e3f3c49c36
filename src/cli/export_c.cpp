#include "cli/export_c.h"

#include <fmt/format.h>

#include "core/files.h"

namespace edgeproof::cli {

void export_c(const formats::Model& model, const std::filesystem::path& folder,
              const formats::CExportOptions& options) {
  const auto files = formats::to_c(model, options);
  make_writable_directory(folder);
  for (const auto& [name, text] : files) {
    write_file(folder / name, text);
    fmt::print("{}\n", (folder / name).string());
  }
}

}  // namespace edgeproof::cli
