// Test: reuse_test.sh.

#include "cli/study_status.h"

#include <fmt/format.h>

#include "cli/open_study.h"
#include "core/error.h"
#include "core/host.h"
#include "core/progress.h"
#include "engine/queue.h"
#include "store/status.h"

namespace edgeproof::cli {
namespace {

std::string time_text(const std::optional<double>& seconds) {
  return seconds ? "about " + duration_text(*seconds) : "no estimate";
}

std::string kinds_table(const store::Status& status, int threads) {
  std::string text =
      fmt::format("{:<12}{:>8}{:>8}{:>8}  {}\n", "jobs", "done", "to do", "all", "time left");
  for (const store::KindStatus& kind : status.kinds) {
    if (kind.total == 0) continue;
    const int left = kind.total - kind.done;
    const store::Status alone{.kinds = {kind}, .running = {}, .threads = 0};
    text += fmt::format("{:<12}{:>8}{:>8}{:>8}  {}\n", store::job_kind_name(kind.kind), kind.done,
                        left, kind.total, left == 0 ? "" : time_text(alone.seconds_left(threads)));
  }
  return text;
}

}  // namespace

std::string dry_run_text(const std::vector<store::Job>& plan, const std::filesystem::path& output,
                         int threads) {
  std::optional<store::Store> store;
  if (std::filesystem::exists(store::store_path(output))) store.emplace(open_study(output));
  const store::Status status = store::status_of(plan, store ? &*store : nullptr, unix_seconds());
  std::string text = kinds_table(status, threads);
  if (status.finished()) return text + "nothing to do\n";
  const auto left = status.seconds_left(threads);
  return text + (left
                     ? fmt::format("{} on {} threads\n", time_text(left), threads)
                     : "no estimate of all: jobs of some kind have not been timed in this store\n");
}

std::string simulation_text(const std::vector<store::Job>& plan,
                            const std::filesystem::path& output, const std::vector<int>& ranks) {
  const auto timed = open_study(output).timed();
  const auto seconds = [&](const engine::Task& task) {
    double sum = 0;
    for (const store::Job& job : task.jobs) {
      const auto one = store::estimated_seconds(job, timed);
      if (!one) {
        fail(ErrorCode::bad_input, "{}: no {} has been timed there: nothing to simulate from",
             output.string(), store::job_kind_name(job.id.kind));
      }
      sum += *one;
    }
    return sum;
  };
  std::string text;
  for (const int count : ranks) {
    auto tasks = engine::tasks_of(plan, nullptr,
                                  engine::models_together(plan, static_cast<std::size_t>(count)));
    std::erase_if(tasks, [](const auto& t) { return t.kind() == store::JobKind::latency; });
    const auto found = engine::simulate(std::move(tasks), count, seconds);
    text += fmt::format("all of it on {} rank{}: about {}, {:.0f} % of their time at work\n", count,
                        count == 1 ? "" : "s", duration_text(found.seconds), 100 * found.busy);
  }
  return text;
}

std::string prune_text(const std::filesystem::path& output, bool dry_run) {
  const std::filesystem::path file = study_file(output);
  const store::Unused unused =
      dry_run ? open_study(output).unused() : store::Store::open_existing(file, true).prune();
  if (unused.results.empty()) {
    return fmt::format("{}: nothing to free: the current configuration uses all results\n",
                       file.string());
  }
  std::string text = fmt::format("{:<12}{:>8}\n", "results", "unused");
  for (const auto& [kind, count] : unused.results) {
    text += fmt::format("{:<12}{:>8}\n", store::job_kind_name(kind), count);
  }
  return text + fmt::format("{:.1f} MB {}\n", static_cast<double>(unused.bytes) / 1e6,
                            dry_run ? "that --prune without --dry-run would free" : "freed");
}

std::string status_text(const std::filesystem::path& output) {
  const store::Store store = open_study(output);
  const store::Status status = store::status_of(store.plan(), &store, unix_seconds());
  const int threads = std::max(status.threads, 1);
  std::string text = kinds_table(status, threads);
  for (const store::RunningStatus& one : status.running) {
    const store::Running& r = one.running;
    text +=
        fmt::format("running: {}{}, process {} on {}", one.text,
                    r.jobs > 1 ? fmt::format(" and {} more", r.jobs - 1) : "", r.process, r.host);
    if (r.share > 0) text += fmt::format(", {:.0f} %", 100 * r.share);
    text += fmt::format(", {} left\n", time_text(one.seconds_left));
  }
  if (status.finished()) return text + "finished\n";
  if (status.running.empty()) return text + "not running: the same command goes on from there\n";
  return text + fmt::format("{} left in all\n", time_text(status.seconds_left(threads)));
}

}  // namespace edgeproof::cli
