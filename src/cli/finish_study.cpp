// Test: search_test.sh, determinism_test.sh.

#include "cli/finish_study.h"

#include <fmt/format.h>

#include "cli/open_study.h"
#include "core/error.h"
#include "core/files.h"
#include "report/from_study.h"
#include "report/page.h"
#include "report/report.h"
#include "study/summary.h"

namespace edgeproof::cli {

void run_resumable(const std::filesystem::path& output, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) throw;
    fail(ErrorCode::interrupted,
         "interrupted; what is finished is in {}: the same command goes on from there",
         output.string());
  }
}

std::string finish_study(const std::filesystem::path& output, int threads) {
  const study::Store store = open_study(output);
  const study::Summary summary = study::summarize(store, threads);
  study::write_files(summary, store, output);
  write_file(output / "report.html", report::render(report::from_folder(summary, store, output)));
  if (!report::page_lacks().empty()) fmt::print(stderr, "{}\n", report::page_lacks());
  return study::render(summary, study::Format::table);
}

}  // namespace edgeproof::cli
