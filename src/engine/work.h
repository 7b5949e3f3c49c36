#pragma once

// How the jobs of a study are done, whoever hands them out (runner.h).

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/diagnosis.h"
#include "engine/evaluate.h"
#include "store/store.h"

namespace edgeproof::engine {

// Jobs that are done together: evaluations or diagnoses on one condition, or one job.
struct Task {
  std::vector<store::Job> jobs;

  store::JobKind kind() const { return jobs.front().id.kind; }
  // Whether it works on one thread alone, so that others may run beside it.
  bool is_narrow() const { return kind() <= store::JobKind::deployment; }
  std::string text() const;
};

// The jobs of a plan that the store does not have (without one: all), in the plan's order; those of
// one key once. At most `together` in a task.
std::vector<Task> tasks_of(const std::vector<store::Job>& plan, const store::Store* store,
                           std::size_t together);

// Told of a step of a task: how much of it is done, 0 to 1, and what to say of it.
using OnStep = std::function<void(double share, const std::string& note)>;

class Worker {
 public:
  Worker(const experiment::Materials& materials, ModelSource models);

  // Narrow tasks may be done by several threads at once, others one at a time.
  std::vector<store::Finished> run(const Task& task, int threads, const OnStep& on_step);

 private:
  std::vector<store::Result> results_of(const Task& task, int threads, const OnStep& on_step);

  const experiment::Materials& m_;
  ModelSource models_;
  Evaluator evaluator_;
  Diagnoser diagnoser_;
};

}  // namespace edgeproof::engine
