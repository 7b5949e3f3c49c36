#pragma once

#include <cstdint>
#include <filesystem>

#include "formats/c/export.h"

namespace edgeproof::cli {

// Bytes that every form of the module must keep to (formats::CFormCost); 0: no limit.
struct CBudget {
  std::uint64_t flash = 0, ram = 0;
};

// Writes the C99 module of an int8 model into a folder, which is made if need be. Errors as
// formats::to_c(), io, and bad_input for a form beyond the budget: nothing is written then.
void export_c(const formats::Model& model, const std::filesystem::path& folder,
              const formats::CExportOptions& options, CBudget budget);

}  // namespace edgeproof::cli
