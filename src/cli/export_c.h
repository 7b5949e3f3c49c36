#pragma once

#include <filesystem>

#include "formats/c/export.h"

namespace edgeproof::cli {

// Writes the C99 module of an int8 model into a folder, which is made if need be. Errors as
// formats::to_c(), and io.
void export_c(const formats::Model& model, const std::filesystem::path& folder,
              const formats::CExportOptions& options);

}  // namespace edgeproof::cli
