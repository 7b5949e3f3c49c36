// Test: reuse_test.sh.

#include "cli/live_report.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "cli/open_study.h"
#include "core/error.h"
#include "core/files.h"
#include "report/from_study.h"
#include "report/report.h"
#include "results/summary.h"

namespace edgeproof::cli {
namespace {

using Clock = std::chrono::steady_clock;

// As often as the page reloads itself, but at most a twentieth of one thread's time.
constexpr auto kShortestPause = std::chrono::seconds(15);
constexpr int kPausePerWork = 20;

// Bootstrapping may take a core, which would show in the latencies.
bool measures_alone(const report::RunProgress& progress) {
  return std::ranges::all_of(progress.jobs, [](const report::JobCount& jobs) {
    return jobs.kind == store::job_kind_name(store::JobKind::latency) ||
           jobs.kind == store::job_kind_name(store::JobKind::device) || jobs.done == jobs.total;
  });
}

report::ReportData results_of(const store::Store& store, const std::filesystem::path& folder) {
  try {
    return report::from_folder(results::summarize_unfinished(store, 1), store, folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_input) throw;
    return report::without_results(store);  // there is nothing to tell yet
  }
}

void write_report(const std::filesystem::path& folder) {
  try {
    const store::Store store = open_study(folder);
    const report::RunProgress progress = report::progress_of(store);
    if (measures_alone(progress)) return;
    report::ReportData data = results_of(store, folder);
    data.progress = progress;
    write_file(folder / "report.html", report::render(data));
  } catch (const Error&) {
    return;
  }
}

void write_reports(const std::stop_token& stop, const std::filesystem::path& folder) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  while (!stop.stop_requested()) {
    const auto begin = Clock::now();
    write_report(folder);
    const auto pause =
        std::max<Clock::duration>(kShortestPause, kPausePerWork * (Clock::now() - begin));
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace

LiveReport::LiveReport(std::filesystem::path folder)
    : thread_([folder = std::move(folder)](const std::stop_token& stop) {
        write_reports(stop, folder);
      }) {}

}  // namespace edgeproof::cli
