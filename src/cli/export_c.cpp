#include "cli/export_c.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/files.h"

namespace edgeproof::cli {
namespace {

void expect_within(const std::string& form, std::size_t bytes, std::uint64_t most, const char* what,
                   const char* option) {
  if (most == 0 || bytes <= most) return;
  fail(ErrorCode::bad_input, "the module's form '{}' takes {} bytes of {}, more than {} {}", form,
       bytes, what, option, most);
}

}  // namespace

void export_c(const formats::Model& model, const std::filesystem::path& folder,
              const formats::CExportOptions& options, CBudget budget) {
  for (const formats::CFormCost& cost : formats::c_costs(model, options)) {
    expect_within(cost.form, cost.table_bytes, budget.flash, "flash for tables, code apart",
                  "--max-flash");
    expect_within(cost.form, cost.ram_bytes, budget.ram, "RAM, stack apart", "--max-ram");
  }
  const auto files = formats::to_c(model, options);
  make_writable_directory(folder);
  for (const auto& [name, text] : files) {
    write_file(folder / name, text);
    fmt::print("{}\n", (folder / name).string());
  }
}

}  // namespace edgeproof::cli
