#include "engine/queue.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>

namespace edgeproof::engine {

std::size_t models_together(const std::vector<store::Job>& plan, std::size_t workers) {
  const auto shown = std::ranges::count_if(
      plan, [](const store::Job& job) { return job.id.kind == store::JobKind::evaluation; });
  return std::max<std::size_t>(static_cast<std::size_t>(shown) / (4 * workers), 1);
}

Queue::Queue(std::vector<Task> tasks) : tasks_(std::move(tasks)), nodes_(tasks_.size()) {
  std::map<std::string, std::size_t> maker;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    for (const store::Job& job : tasks_[i].jobs) maker[job.key] = i;
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    std::set<std::size_t> needed;
    for (const store::Job& job : tasks_[i].jobs) {
      for (const std::string& need : job.needs) {
        if (maker.contains(need)) needed.insert(maker.at(need));
      }
    }
    nodes_[i].waits_for = needed.size();
    for (const std::size_t n : needed) nodes_[n].dependants.push_back(i);
    if (needed.empty()) ready_.push_back(i);
  }
  // From the back: a chain is known before what it continues.
  for (std::size_t i = tasks_.size(); i-- > 0;) {
    Node& node = nodes_[i];
    for (const std::size_t d : node.dependants) node.chain = std::max(node.chain, nodes_[d].chain);
    constexpr double kShort = 0.5;  // all but trainings, in epochs
    node.chain +=
        tasks_[i].kind() == store::JobKind::training ? tasks_[i].jobs.front().cost : kShort;
  }
}

std::optional<std::size_t> Queue::take() {
  if (ready_.empty()) return std::nullopt;
  const auto best = std::ranges::max_element(
      ready_, [&](std::size_t a, std::size_t b) { return nodes_[a].chain < nodes_[b].chain; });
  const std::size_t index = *best;
  ready_.erase(best);
  return index;
}

void Queue::finish(std::size_t index) {
  ++done_;
  for (const std::size_t d : nodes_[index].dependants) {
    if (--nodes_[d].waits_for == 0) ready_.push_back(d);
  }
}

Simulated simulate(std::vector<Task> tasks, int workers,
                   const std::function<double(const Task&)>& seconds) {
  Queue queue(std::move(tasks));
  using Ending = std::pair<double, std::size_t>;  // when, which task
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
  double now = 0, worked = 0;
  while (!queue.is_done()) {
    while (running.size() < static_cast<std::size_t>(workers)) {
      const auto next = queue.take();
      if (!next) break;
      const double takes = seconds(queue.task(*next));
      worked += takes;
      running.emplace(now + takes, *next);
    }
    now = running.top().first;
    queue.finish(running.top().second);
    running.pop();
  }
  return {now, now > 0 ? worked / (now * workers) : 1};
}

}  // namespace edgeproof::engine
