// Results into the store, by their jobs' keys. A key that is there already has the same result, but
// for what is measured: the first one stays.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "store/database.h"
#include "store/store.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

using nlohmann::json;

void put(SQLite::Database& sql, const std::string& key, const TrainedModel& model) {
  auto insert =
      statement(sql, "INSERT OR IGNORE INTO trained_model VALUES (?, ?, ?)", key, model.best_epoch);
  bind_blob(insert, 3, model.onnx);
  insert.exec();
  for (const train::EpochLog& epoch : model.log) {
    statement(sql, "INSERT OR IGNORE INTO training_log VALUES (?, ?, ?, ?, ?)", key, epoch.epoch,
              epoch.train_loss, epoch.validation_loss, epoch.validation_accuracy)
        .exec();
  }
}

void put(SQLite::Database& sql, const std::string& key, const DeployedModel& model) {
  auto insert = statement(sql, "INSERT OR IGNORE INTO deployed_model VALUES (?, ?, ?, ?, ?, ?, ?)",
                          key, model.macs, model.weight_bytes, model.coded_weight_bytes,
                          model.arena_bytes, json(model.nodes).dump());
  bind_blob(insert, 7, model.onnx);
  insert.exec();
}

void put(SQLite::Database& sql, const std::string& key, const Evaluation& e) {
  auto insert = statement(sql,
                          "INSERT OR IGNORE INTO evaluation (key, windows, correct, macro_f1, ece, "
                          "clipped, counted, labels, clip_rate, same, compared) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          key, static_cast<std::int64_t>(e.labels.size()), e.correct, e.macro_f1,
                          e.ece, json(e.clipped).dump(), json(e.values).dump());
  bind_blob(insert, 8, {reinterpret_cast<const char*>(e.labels.data()), e.labels.size()});
  const auto sum = [](const std::vector<std::int64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  };
  // Not bound: NULL.
  if (const auto values = sum(e.values); values > 0) {
    insert.bind(9, static_cast<double>(sum(e.clipped)) / static_cast<double>(values));
  }
  if (e.agreement) {
    insert.bind(10, e.agreement->same);
    insert.bind(11, e.agreement->windows);
  }
  insert.exec();
}

void put(SQLite::Database& sql, const std::string& key, const compress::Diagnosis& d) {
  statement(sql, "INSERT OR IGNORE INTO diagnosis VALUES (?, ?, ?, ?, ?)", key, d.windows,
            d.output_db, d.agreement, d.blamed)
      .exec();
  for (std::size_t n = 0; n < d.layers.size(); ++n) {
    const compress::LayerDiagnosis& l = d.layers[n];
    statement(sql,
              "INSERT OR IGNORE INTO diagnosed_layer VALUES "
              "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              key, static_cast<int>(n), l.name, l.op, l.sqnr_db, l.alone_db, l.alone_agreement,
              l.clip_rate, l.seen.min, l.seen.max, l.representable.min, l.representable.max,
              l.weight_db, l.weights.min, l.weights.max, l.scale_spread)
        .exec();
  }
}

void put(SQLite::Database& sql, const std::string& key, const Latency& latency) {
  statement(sql, "INSERT OR IGNORE INTO latency VALUES (?, ?, ?, ?, ?)", key, latency.median_us,
            latency.p99_us, latency.runs, latency.disturbed ? 1 : 0)
      .exec();
}

void put(SQLite::Database& sql, const std::string& key, const DeviceCost& cost) {
  statement(sql, "INSERT OR IGNORE INTO device_cost VALUES (?, ?, ?, ?, ?)", key, cost.instructions,
            cost.cycles, cost.flash_bytes, cost.ram_bytes)
      .exec();
}

}  // namespace

bool Store::has(const Job& job) const {
  static constexpr std::array kQueries = {
      "SELECT 1 FROM trained_model WHERE key = ?", "SELECT 1 FROM deployed_model WHERE key = ?",
      "SELECT 1 FROM evaluation WHERE key = ?",    "SELECT 1 FROM diagnosis WHERE key = ?",
      "SELECT 1 FROM latency WHERE key = ?",       "SELECT 1 FROM device_cost WHERE key = ?"};
  return guarded(database_->path, [&] {
    return statement(database_->sql, kQueries.at(static_cast<std::size_t>(job.id.kind)), job.key)
        .executeStep();
  });
}

int Store::forget_disturbed() {
  return guarded(database_->path, [&] {
    return database_->sql.exec(
        "DELETE FROM latency WHERE disturbed = 1 AND key IN (SELECT key FROM job)");
  });
}

void Store::put(std::span<const Finished> all) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql, SQLite::TransactionBehavior::IMMEDIATE);
    for (const auto& [job, result, seconds] : all) {
      std::visit([&, &key = job.key](const auto& made) { store::put(database_->sql, key, made); },
                 result);
      if (seconds <= 0) continue;
      statement(database_->sql, "INSERT OR IGNORE INTO job_seconds VALUES (?, ?, ?, ?, ?)", job.key,
                std::string(job_kind_name(job.id.kind)), job.id.name, job.cost, seconds)
          .exec();
    }
    transaction.commit();
  });
}

}  // namespace edgeproof::store
