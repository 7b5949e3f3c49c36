#include "store/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "core/text.h"
#include "experiment/metrics.h"

namespace edgeproof::store {
namespace {

using nlohmann::ordered_json;

// A row of the export: values in their types.
ordered_json row_of(const Store& store, const JobId& id, const Evaluation& e) {
  const auto count = [](const std::vector<std::int64_t>& list) {
    return static_cast<double>(std::accumulate(list.begin(), list.end(), std::int64_t{0}));
  };
  const auto windows = static_cast<double>(e.labels.size());
  const experiment::Condition& on = id.condition();
  ordered_json row{{"variant", id.name},
                   {"seed", id.seed},
                   {"fault", on.fault},
                   {"severity", on.severity},
                   {"realization", on.realization},
                   {"windows", e.labels.size()},
                   {"accuracy", static_cast<double>(e.correct) / windows},
                   {"macro_f1", e.macro_f1},
                   {"ece", e.ece},
                   {"flip_rate", nullptr},
                   {"clip_rate", nullptr}};
  const auto& plan = store.plan();
  const JobId clean{JobKind::evaluation, id.name, id.seed};
  const auto found = std::ranges::find(plan, clean, &Job::id);
  if (found != plan.end() && store.has(*found)) {
    row["flip_rate"] =
        experiment::flip_rate(e.labels, store.evaluation(id.name, id.seed, {}).labels);
  }
  if (const double values = count(e.values); values > 0) {
    row["clip_rate"] = count(e.clipped) / values;
  }
  return row;
}

std::vector<ordered_json> rows_of(const Store& store) {
  std::vector<ordered_json> rows;
  for (const Job& job : store.plan()) {
    if (job.id.kind != JobKind::evaluation || !store.has(job)) continue;
    rows.push_back(
        row_of(store, job.id, store.evaluation(job.id.name, job.id.seed, job.id.condition())));
  }
  return rows;
}

}  // namespace

bool Status::finished() const {
  return std::ranges::all_of(kinds, [](const KindStatus& k) { return k.done == k.total; });
}

std::optional<double> Status::seconds_left(int on_threads) const {
  double seconds = 0;
  for (const KindStatus& kind : kinds) {
    if (kind.unknown > 0) return std::nullopt;
    // What is timed runs alone.
    seconds += kind.seconds_left / (kind.kind == JobKind::latency ? 1 : on_threads);
  }
  return seconds;
}

std::optional<double> estimated_seconds(const Job& job, std::span<const Timed> timed) {
  const auto rate = [&](bool same_name) -> std::optional<double> {
    double seconds = 0, cost = 0;
    for (const Timed& t : timed) {
      if (t.kind != job.id.kind || (same_name && t.name != job.id.name)) continue;
      seconds += t.seconds;
      cost += t.cost;
    }
    if (cost <= 0) return std::nullopt;
    return seconds / cost;
  };
  auto found = rate(true);
  if (!found) found = rate(false);
  if (!found) return std::nullopt;
  return *found * job.cost;
}

Status status_of(const std::vector<Job>& plan, const Store* store, double now) {
  const auto timed = store == nullptr ? std::vector<Timed>() : store->timed();
  Status status;
  for (const JobKind kind : kJobKinds) status.kinds.push_back({.kind = kind});
  std::set<std::string> seen;
  for (const Job& job : plan) {
    if (!seen.insert(job.key).second) continue;
    KindStatus& kind = status.kinds[static_cast<std::size_t>(job.id.kind)];
    ++kind.total;
    if (store != nullptr && store->has(job)) {
      ++kind.done;
    } else if (const auto seconds = estimated_seconds(job, timed)) {
      kind.seconds_left += *seconds;
    } else {
      ++kind.unknown;
    }
  }
  if (store == nullptr) return status;
  for (const Running& running : store->running()) {
    const auto job = std::ranges::find(plan, running.key, &Job::key);
    if (job == plan.end()) continue;  // another configuration's
    RunningStatus one{running, job->id.text(), {}};
    const double elapsed = now - running.since;
    if (running.share > 0) {
      one.seconds_left = elapsed / running.share * (1 - running.share);
    } else if (const auto seconds = estimated_seconds(*job, timed)) {
      one.seconds_left = std::max(*seconds * running.jobs / running.threads - elapsed, 0.0);
    }
    // A training that is half done has half its time left.
    KindStatus& kind = status.kinds[static_cast<std::size_t>(job->id.kind)];
    if (running.share > 0 && kind.unknown == 0) {
      kind.seconds_left -= running.share * estimated_seconds(*job, timed).value_or(0);
    }
    status.threads += running.threads;
    status.running.push_back(std::move(one));
  }
  return status;
}

std::string export_csv(const Store& store) {
  std::string text =
      "variant,seed,fault,severity,realization,windows,accuracy,macro_f1,ece,flip_rate,clip_rate\n";
  for (const ordered_json& row : rows_of(store)) {
    std::vector<std::string> fields;
    for (const auto& value : row) {
      const std::string plain = value.is_string() ? value.get<std::string>() : value.dump();
      fields.push_back(value.is_null() ? "" : csv_field(plain));
    }
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

std::string export_json(const Store& store) {
  return ordered_json(rows_of(store)).dump(1) + "\n";
}

}  // namespace edgeproof::store
