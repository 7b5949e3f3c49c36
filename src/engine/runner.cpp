// Trainings and deployments are tasks of one thread each: one runs when what it needs has been
// made. Then conditions follow one after the other, each on all threads, so that there is one
// condition's data in memory; at last, alone, what is timed. Test: src/cli/determinism_test.sh, on
// a whole study.

#include "engine/runner.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <atomic>
#include <limits>
#include <mutex>

#include "core/host.h"
#include "core/progress.h"
#include "engine/work.h"

namespace edgeproof::engine {
namespace {

class Runner {
 public:
  Runner(const experiment::Materials& m, store::Store& store, int threads)
      : store_(store), threads_(threads), worker_(m, models_in(store, mutex_)) {}

  void run() {
    store_.forget_ended();
    std::vector<Task> narrow, evaluations, diagnoses, latencies, devices;
    for (Task& task : tasks_of(store_.plan(), &store_, std::numeric_limits<std::size_t>::max())) {
      auto& list = task.is_narrow()                            ? narrow
                   : task.kind() == store::JobKind::evaluation ? evaluations
                   : task.kind() == store::JobKind::diagnosis  ? diagnoses
                   : task.kind() == store::JobKind::latency    ? latencies
                                                               : devices;
      list.push_back(std::move(task));
    }
    if (!narrow.empty()) run_graph(narrow);
    run_all(evaluations, "evaluate");
    run_all(diagnoses, "diagnose");
    for (const Task& task : latencies) finish(task, 1, {});
    run_all(devices, "devices");
  }

 private:
  struct Node {
    const Task* task = nullptr;
    std::atomic<int> waits_for{0};
    std::vector<Node*> dependants = {};
  };

  void finish(const Task& task, int threads, const OnStep& on_step) {
    store::Running running{.key = task.jobs.front().key,
                           .host = host_name(),
                           .process = process_id(),
                           .threads = threads,
                           .jobs = static_cast<int>(task.jobs.size()),
                           .since = unix_seconds()};
    const auto note_running = [&](double share) {
      const std::lock_guard lock(mutex_);
      running.share = share;
      store_.set_running(running);
    };
    note_running(0);
    const std::vector<store::Finished> finished =
        worker_.run(task, threads, [&](double share, const std::string& note) {
          note_running(share);
          if (on_step) on_step(share, note);
        });
    const std::lock_guard lock(mutex_);
    store_.put(finished);
    store_.end_running(running);
  }

  void run_all(const std::vector<Task>& tasks, const char* title) {
    if (tasks.empty()) return;
    Progress progress(title, static_cast<int>(tasks.size()));
    for (const Task& task : tasks) {
      finish(task, threads_, {});
      progress.step(task.text());
    }
  }

  void run_graph(const std::vector<Task>& tasks) {
    std::map<std::string, Node> nodes;  // by key
    double epochs = 0;
    for (const Task& task : tasks) {
      nodes[task.jobs.front().key].task = &task;
      if (task.kind() == store::JobKind::training) epochs += task.jobs.front().cost;
    }
    for (auto& [key, node] : nodes) {
      for (const std::string& need : node.task->jobs.front().needs) {
        const auto found = nodes.find(need);
        if (found == nodes.end()) continue;  // the store has it
        found->second.dependants.push_back(&node);
        ++node.waits_for;
      }
    }
    Progress progress("train", static_cast<int>(epochs));
    tbb::task_group group;
    const std::function<void(Node&)> run = [&](Node& node) {
      finish(*node.task, 1, [&](double, const std::string& note) { progress.step(note); });
      for (Node* dependant : node.dependants) {
        if (--dependant->waits_for == 0) group.run([&run, dependant] { run(*dependant); });
      }
    };
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(threads_));
    tbb::task_arena arena(threads_);
    arena.execute([&] {
      std::vector<Node*> ready;
      for (auto& [key, node] : nodes) {
        if (node.waits_for == 0) ready.push_back(&node);
      }
      for (Node* node : ready) group.run([&run, node] { run(*node); });
      group.wait();
    });
  }

  store::Store& store_;
  int threads_;
  std::mutex mutex_;  // of the store
  Worker worker_;
};

}  // namespace

void run_plan(const experiment::Materials& materials, store::Store& store, int threads) {
  Runner(materials, store, threads).run();
}

}  // namespace edgeproof::engine
