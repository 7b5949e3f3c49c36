// Messages are CBOR. Waiting is polling with short sleeps, because MPI's own waiting takes a core.
// One thread of each process sends and polls. Test: src/cli/mpi_test.sh.

#include "engine/ranks.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "core/error.h"
#include "core/files.h"
#include "core/host.h"
#include "core/interrupt.h"
#include "core/plugin.h"
#include "core/progress.h"
#include "engine/mpi_transport.h"
#include "engine/queue.h"
#include "engine/work.h"
#include "store/result_bytes.h"

namespace edgeproof::engine {

bool started_as_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

namespace {

using nlohmann::json;

constexpr auto kNap = std::chrono::microseconds(500);

const MpiTransport& transport() {
  return plugin_table<MpiTransport>({.name = "mpi",
                                     .purpose = "a study under mpirun or srun",
                                     .packages = "Open MPI (libopenmpi-dev, openmpi-bin)"});
}

enum Tag : int { kHello, kTask, kStep, kFinished, kFailed, kStop };

void send(int rank, Tag tag, const json& message) {
  transport().send(rank, tag, json::to_cbor(message));
}

struct Message {
  int rank = 0;
  Tag tag = kHello;
  json content;
};

// One that has arrived, of any rank.
std::optional<Message> poll() {
  int rank = 0, tag = 0;
  std::vector<std::uint8_t> bytes;
  if (!transport().poll(&rank, &tag, &bytes)) return std::nullopt;
  return Message{rank, static_cast<Tag>(tag), json::from_cbor(bytes)};
}

json binary(std::string_view bytes) {
  return json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}
std::string text(const json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

std::string digest(const std::vector<store::Job>& plan) {
  std::string all;
  for (const store::Job& job : plan) all += job.key + "\n";
  return sha256(all);
}

// Rank 0.
class Leader {
 public:
  Leader(const experiment::Materials& m, store::Store& store, int ranks, int threads)
      : store_(store),
        threads_(threads),
        others_(static_cast<std::size_t>(ranks)),
        worker_(m, models_in(store, mutex_)) {
    for (std::size_t i = 0; i < store.plan().size(); ++i) number_.emplace(store.plan()[i].key, i);
  }

  void run() {
    greet();
    store_.forget_ended();
    const std::vector<store::Job>& plan = store_.plan();
    const auto shown = std::ranges::count_if(
        plan, [](const store::Job& job) { return job.id.kind == store::JobKind::evaluation; });
    const std::size_t together =
        std::max<std::size_t>(static_cast<std::size_t>(shown) / (4 * others_.size()), 1);
    std::vector<Task> shared, alone;
    for (Task& task : tasks_of(plan, &store_, together)) {
      (task.kind() == store::JobKind::latency ? alone : shared).push_back(std::move(task));
    }
    if (!shared.empty()) run_shared(std::move(shared));
    for (std::size_t rank = 1; rank < others_.size(); ++rank)
      send(static_cast<int>(rank), kStop, {});
    for (const Task& task : alone) store_.put(worker_.run(task, 1, ignore_steps()));
  }

 private:
  struct Other {
    std::string host;
    int process = 0;
    std::optional<std::size_t> task = {};
    store::Running running = {};
    std::set<std::string> models = {};  // that it has been sent
  };

  static OnStep ignore_steps() {
    return [](double, const std::string&) {};
  }

  // All ranks must have this plan.
  void greet() {
    const std::string ours = digest(store_.plan());
    others_[0] = {host_name(), process_id()};
    for (std::size_t missing = others_.size() - 1; missing > 0;) {
      throw_if_interrupted();
      const auto message = poll();
      if (!message) {
        std::this_thread::sleep_for(kNap);
        continue;
      }
      const json& hello = message->content;
      others_[static_cast<std::size_t>(message->rank)] = {hello.at(1), hello.at(2)};
      if (hello.at(0) != ours) {
        fail(ErrorCode::bad_input,
             "rank {} on {} has another study: another version of edgeproof, or other data",
             message->rank, hello.at(1).get<std::string>());
      }
      --missing;
    }
  }

  void run_shared(std::vector<Task> tasks) {
    Progress progress("jobs", static_cast<int>(tasks.size()));
    Queue queue(std::move(tasks));
    while (!queue.is_done()) {
      throw_if_interrupted();
      bool busy = hand_out(queue);
      while (const auto message = poll()) {
        hear(*message, queue, progress);
        busy = true;
      }
      if (local_.valid() && local_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        end_task(0, local_.get(), queue, progress);
        busy = true;
      }
      if (!busy) std::this_thread::sleep_for(kNap);
    }
  }

  bool hand_out(Queue& queue) {
    bool any = false;
    for (std::size_t i = others_.size(); i-- > 0;) {  // itself last
      Other& other = others_[i];
      if (other.task) continue;
      other.task = queue.take();
      if (!other.task) return any;
      any = true;
      const Task& task = queue.task(*other.task);
      other.running = {.key = task.jobs.front().key,
                       .host = other.host,
                       .process = other.process,
                       .threads = threads_,
                       .jobs = static_cast<int>(task.jobs.size()),
                       .since = unix_seconds()};
      note_running(other, 0);
      if (i == 0) {
        local_ = std::async(std::launch::async, [this, task] {
          return worker_.run(
              task, task.is_narrow() ? 1 : threads_,
              [this](double share, const std::string&) { note_running(others_[0], share); });
        });
      } else {
        send(static_cast<int>(i), kTask, task_message(task, other));
      }
    }
    return any;
  }

  // The numbers of its jobs, and the models that the rank does not have.
  json task_message(const Task& task, Other& other) {
    json jobs = json::array(), models = json::object();
    for (const store::Job& job : task.jobs) {
      jobs.push_back(number_.at(job.key));
      for (const std::string& need : job.needs) {
        if (!other.models.insert(need).second) continue;
        const std::lock_guard lock(mutex_);
        models[need] = binary(store_.model(need));
      }
    }
    return {{"jobs", jobs}, {"models", models}};
  }

  void hear(const Message& message, Queue& queue, Progress& progress) {
    Other& other = others_.at(static_cast<std::size_t>(message.rank));
    switch (message.tag) {
      case kStep:
        note_running(other, message.content.at(0));
        break;
      case kFinished: {
        const Task& task = queue.task(other.task.value());
        std::vector<store::Finished> all;
        for (std::size_t i = 0; i < task.jobs.size(); ++i) {
          all.push_back({task.jobs[i], store::result_from_bytes(text(message.content.at(1).at(i))),
                         message.content.at(0)});
        }
        end_task(static_cast<std::size_t>(message.rank), all, queue, progress);
        break;
      }
      default:
        fail(static_cast<ErrorCode>(message.content.at(0).get<int>()), "rank {} on {}: {}",
             message.rank, other.host, message.content.at(1).get<std::string>());
    }
  }

  void end_task(std::size_t index, const std::vector<store::Finished>& finished, Queue& queue,
                Progress& progress) {
    Other& other = others_[index];
    {
      const std::lock_guard lock(mutex_);
      store_.put(finished);
      store_.end_running(other.running);
    }
    progress.step(queue.task(*other.task).text());
    queue.finish(*other.task);
    other.task.reset();
  }

  void note_running(Other& other, double share) {
    const std::lock_guard lock(mutex_);
    other.running.share = share;
    store_.set_running(other.running);
  }

  store::Store& store_;
  int threads_;
  std::mutex mutex_;                           // of the store and of what is running
  std::map<std::string, std::size_t> number_;  // of a key's job in the plan
  std::vector<Other> others_;                  // by rank; the first is this one
  Worker worker_;
  std::future<std::vector<store::Finished> > local_;  // ends before what it uses
};

// The models that another rank has been sent.
class Received {
 public:
  explicit Received(const std::vector<store::Job>& plan) {
    for (const store::Job& job : plan) keys_[job.id] = job.key;
  }
  void add(const json& models) {
    for (const auto& [key, bytes] : models.items()) onnx_[key] = text(bytes);
  }
  ModelSource source() const {
    return {.trained =
                [this](const auto& name, auto seed) {
                  return graph_of_training(
                      onnx_.at(keys_.at({store::JobKind::training, name, seed})), name, seed);
                },
            .deployed =
                [this](const auto& name, auto seed) {
                  return graph_of_variant(
                      onnx_.at(keys_.at({store::JobKind::deployment, name, seed})), name, seed);
                }};
  }

 private:
  std::map<store::JobId, std::string> keys_;
  std::map<std::string, std::string> onnx_;
};

}  // namespace

Ranks::Ranks() : exceptions_(std::uncaught_exceptions()) {
  transport().start(&rank_, &count_);
}

// After an error this rank ends without MPI_Finalize, upon which mpirun ends the others; waiting
// for them would take until their jobs are done.
Ranks::~Ranks() {
  if (std::uncaught_exceptions() == exceptions_) transport().finish();
}

void Ranks::run_plan(const experiment::Materials& materials, store::Store& store, int threads) {
  Leader(materials, store, count_, threads).run();
}

void Ranks::work(const experiment::Materials& materials, const std::vector<store::Job>& plan,
                 int threads) {
  send(0, kHello, {digest(plan), host_name(), process_id()});
  Received received(plan);
  Worker worker(materials, received.source());
  while (true) {
    throw_if_interrupted();
    const auto message = poll();
    if (!message) {
      std::this_thread::sleep_for(kNap);
      continue;
    }
    if (message->tag == kStop) return;
    received.add(message->content.at("models"));
    Task task;
    for (const json& number : message->content.at("jobs")) {
      task.jobs.push_back(plan.at(number.get<std::size_t>()));
    }
    try {
      json results = json::array();
      const auto all = worker.run(
          task, task.is_narrow() ? 1 : threads,
          [](double share, const std::string&) { send(0, kStep, json::array({share})); });
      for (const store::Finished& finished : all)
        results.push_back(binary(store::to_bytes(finished.result)));
      send(0, kFinished, json::array({all.front().seconds, results}));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      send(0, kFailed, json::array({static_cast<int>(error.code()), error.what()}));
    }
  }
}

}  // namespace edgeproof::engine
