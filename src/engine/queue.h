#pragma once

// Tasks in the order in which several workers best take them, and what that would come to.

#include <functional>
#include <optional>
#include <vector>

#include "engine/work.h"

namespace edgeproof::engine {

// At most so many models are shown a condition in one task, so that there are at least four tasks
// of conditions for each worker.
std::size_t models_together(const std::vector<store::Job>& plan, std::size_t workers);

// Which tasks are ready, and which of them first. A task comes after those that it needs.
class Queue {
 public:
  explicit Queue(std::vector<Task> tasks);

  const Task& task(std::size_t index) const { return tasks_[index]; }
  bool is_done() const { return done_ == tasks_.size(); }

  // The ready task with the longest chain of others behind it, which is then no longer ready.
  std::optional<std::size_t> take();
  // Says that the results of a task are there, so that others may be ready.
  void finish(std::size_t index);

 private:
  struct Node {
    std::size_t waits_for = 0;
    std::vector<std::size_t> dependants = {};
    double chain = 0;  // with itself
  };
  std::vector<Task> tasks_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> ready_;
  std::size_t done_ = 0;
};

struct Simulated {
  double seconds = 0;
  double busy = 0;  // share of the workers' time that they are at a task
};

// If so many workers took the tasks, each after so many seconds ready for the next one.
Simulated simulate(std::vector<Task> tasks, int workers,
                   const std::function<double(const Task&)>& seconds);

}  // namespace edgeproof::engine
