// Test: search_test.sh, determinism_test.sh.

#include "cli/finish_study.h"

#include <fmt/format.h>

#include "cli/open_study.h"
#include "core/error.h"
#include "core/files.h"
#include "report/from_study.h"
#include "report/page.h"
#include "report/report.h"
#include "results/study_files.h"
#include "results/summary.h"
#include "results/summary_text.h"

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

std::string finish_study(const std::filesystem::path& output, int threads,
                         formats::ProvenanceDetail provenance) {
  const store::Store store = open_study(output);
  const results::Summary summary = results::summarize(store, threads);
  results::write_files(summary, store, output, provenance);
  write_file(output / "report.html", report::render(report::from_folder(summary, store, output)));
  if (!report::page_lacks().empty()) fmt::print(stderr, "{}\n", report::page_lacks());
  return results::render(summary, results::Format::table);
}

}  // namespace edgeproof::cli
