// Test: src/cli/determinism_test.sh, on a whole study.

#include "engine/work.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "core/interrupt.h"

namespace edgeproof::engine {

std::string Task::text() const {
  const store::JobId& id = jobs.front().id;
  if (jobs.size() == 1) return id.text();
  if (id.kind == store::JobKind::latency) return fmt::format("latency of {} models", jobs.size());
  const experiment::Condition& on = id.condition();
  return on.severity == 0 ? on.fault : fmt::format("{} severity {}", on.fault, on.severity);
}

std::vector<Task> tasks_of(const std::vector<store::Job>& plan, const store::Store* store,
                           std::size_t together) {
  std::vector<Task> tasks;
  std::set<std::string> seen;
  // The task that may take one more.
  std::map<std::pair<store::JobKind, experiment::Condition>, std::size_t> open;
  for (const store::Job& job : plan) {
    if (!seen.insert(job.key).second || (store != nullptr && store->has(job))) continue;
    const bool timed = job.id.kind == store::JobKind::latency;
    const bool shares = timed || job.id.kind == store::JobKind::evaluation ||
                        job.id.kind == store::JobKind::diagnosis;
    if (shares) {
      const auto [found, is_new] =
          open.try_emplace({job.id.kind, job.id.condition()}, tasks.size());
      if (!is_new && (timed || tasks[found->second].jobs.size() < together)) {
        tasks[found->second].jobs.push_back(job);
        continue;
      }
      found->second = tasks.size();
    }
    tasks.push_back({{job}});
  }
  return tasks;
}

Worker::Worker(const experiment::Materials& materials, ModelSource models)
    : m_(materials), models_(std::move(models)), evaluator_(m_, models_), diagnoser_(m_, models_) {}

std::vector<store::Result> Worker::results_of(const Task& task, int threads,
                                              const OnStep& on_step) {
  const store::Job& first = task.jobs.front();
  std::vector<store::Result> results;
  switch (task.kind()) {
    case store::JobKind::training:
      results.emplace_back(train_model(m_, models_, first.id, [&](const train::EpochLog& epoch) {
        const std::string note =
            fmt::format("{} seed {}: epoch {}", first.id.name, first.id.seed, epoch.epoch);
        on_step(
            epoch.epoch / first.cost,
            std::isnan(epoch.validation_accuracy)
                ? fmt::format("{}, loss {:.3f}", note, epoch.train_loss)
                : fmt::format("{}, validation {:.1f} %", note, 100 * epoch.validation_accuracy));
      }));
      break;
    case store::JobKind::deployment:
      results.emplace_back(deploy_model(m_, models_, first.id));
      break;
    case store::JobKind::evaluation:
      for (auto& made : evaluator_.evaluate(task.jobs, threads)) results.push_back(std::move(made));
      break;
    case store::JobKind::diagnosis:
      for (auto& made : diagnoser_.diagnose(task.jobs, threads)) results.push_back(std::move(made));
      break;
    case store::JobKind::latency:
      for (auto& made : measure_latencies(m_, models_, task.jobs)) {
        results.push_back(std::move(made));
      }
      break;
    case store::JobKind::device:
      results.emplace_back(measure_device(models_, first.id));
      break;
  }
  return results;
}

std::vector<store::Finished> Worker::run(const Task& task, int threads, const OnStep& on_step) {
  throw_if_interrupted();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<store::Result> results = results_of(task, threads, on_step);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double seconds = took.count() * threads / static_cast<double>(task.jobs.size());
  std::vector<store::Finished> finished;
  for (std::size_t i = 0; i < results.size(); ++i) {
    finished.push_back({task.jobs[i], std::move(results[i]), seconds});
  }
  return finished;
}

}  // namespace edgeproof::engine
