// Results out of the store, by what the current plan calls them. Test: store_test.cpp.

#include <nlohmann/json.hpp>

#include "store/database.h"
#include "store/store.h"
#include "store/store_sql.h"

namespace edgeproof::store {

using nlohmann::json;

namespace {

std::vector<train::EpochLog> epochs_of(SQLite::Database& sql, const std::string& key) {
  auto query =
      statement(sql,
                "SELECT epoch, train_loss, validation_loss, validation_accuracy FROM training_log "
                "WHERE key = ? ORDER BY epoch",
                key);
  std::vector<train::EpochLog> epochs;
  while (query.executeStep()) {
    epochs.push_back({query.getColumn(0).getInt(), number(query.getColumn(1)),
                      number(query.getColumn(2)), number(query.getColumn(3))});
  }
  return epochs;
}

}  // namespace

TrainedModel Store::trained(const std::string& training, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    const std::string key = key_of({JobKind::training, training, seed}).value_or("");
    auto query =
        statement(database_->sql, "SELECT onnx, best_epoch FROM trained_model WHERE key = ?", key);
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input, "{}: holds no model '{}' of seed {}", database_->path, training,
           seed);
    }
    return TrainedModel{blob(query.getColumn(0)), query.getColumn(1).getInt(),
                        epochs_of(database_->sql, key)};
  });
}

std::optional<TrainingLog> Store::training_log(const std::string& training,
                                               std::int64_t seed) const {
  return guarded(database_->path, [&]() -> std::optional<TrainingLog> {
    const std::string key = key_of({JobKind::training, training, seed}).value_or("");
    auto query =
        statement(database_->sql, "SELECT best_epoch FROM trained_model WHERE key = ?", key);
    if (!query.executeStep()) return std::nullopt;
    return TrainingLog{query.getColumn(0).getInt(), epochs_of(database_->sql, key)};
  });
}

std::string Store::model(const std::string& key) const {
  return guarded(database_->path, [&] {
    auto query = statement(database_->sql,
                           "SELECT onnx FROM trained_model WHERE key = ?1 UNION ALL "
                           "SELECT onnx FROM deployed_model WHERE key = ?1",
                           key);
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input, "{}: holds no model of key {}", database_->path, key);
    }
    return blob(query.getColumn(0));
  });
}

DeployedModel Store::deployed(const std::string& variant, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    auto query =
        statement(database_->sql,
                  "SELECT onnx, macs, weight_bytes, coded_weight_bytes, arena_bytes, nodes "
                  "FROM deployed_model WHERE key = ?",
                  key_of({JobKind::deployment, variant, seed}).value_or(""));
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input, "{}: holds no variant '{}' of seed {}", database_->path, variant,
           seed);
    }
    return DeployedModel{
        blob(query.getColumn(0)),      query.getColumn(1).getInt64(),
        query.getColumn(2).getInt64(), query.getColumn(3).getInt64(),
        query.getColumn(4).getInt64(), json::parse(query.getColumn(5).getString())};
  });
}

Evaluation Store::evaluation(const std::string& variant, std::int64_t seed,
                             const experiment::Condition& on) const {
  return guarded(database_->path, [&] {
    auto query =
        statement(database_->sql,
                  "SELECT labels, ece, clipped, counted, correct, macro_f1, same, compared "
                  "FROM evaluation WHERE key = ?",
                  key_of({JobKind::evaluation, variant, seed, on}).value_or(""));
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input,
           "{}: holds no evaluation of '{}' seed {} on {} severity {}; the study is "
           "not finished: run it again to go on",
           database_->path, variant, seed, on.fault, on.severity);
    }
    const std::string labels = blob(query.getColumn(0));
    Evaluation result{{labels.begin(), labels.end()},
                      query.getColumn(1).getDouble(),
                      json::parse(query.getColumn(2).getString()),
                      json::parse(query.getColumn(3).getString()),
                      query.getColumn(4).getInt64(),
                      query.getColumn(5).getDouble(),
                      {}};
    if (!query.getColumn(6).isNull()) {
      result.agreement = {query.getColumn(6).getInt64(), query.getColumn(7).getInt64()};
    }
    return result;
  });
}

std::optional<Agreement> Store::agreement(const std::string& variant, std::int64_t seed,
                                          const experiment::Condition& on) const {
  return guarded(database_->path, [&]() -> std::optional<Agreement> {
    auto query = statement(
        database_->sql, "SELECT same, compared FROM evaluation WHERE key = ? AND same IS NOT NULL",
        key_of({JobKind::evaluation, variant, seed, on}).value_or(""));
    if (!query.executeStep()) return std::nullopt;
    return Agreement{query.getColumn(0).getInt64(), query.getColumn(1).getInt64()};
  });
}

std::optional<compress::Diagnosis> Store::diagnosis(const std::string& variant,
                                                    const experiment::Condition& on) const {
  return guarded(database_->path, [&]() -> std::optional<compress::Diagnosis> {
    const std::string key = any_seed(JobKind::diagnosis, variant, on).value_or("");
    auto query =
        statement(database_->sql,
                  "SELECT windows, output_db, agreement, blamed FROM diagnosis WHERE key = ?", key);
    if (!query.executeStep()) return std::nullopt;
    compress::Diagnosis d{.windows = query.getColumn(0).getInt(),
                          .output_db = number(query.getColumn(1)),
                          .agreement = query.getColumn(2).getDouble(),
                          .blamed = query.getColumn(3).getInt()};
    auto layer = statement(database_->sql,
                           "SELECT name, type, sqnr_db, alone_db, alone_agreement, clip_rate, "
                           "seen_min, seen_max, int8_min, int8_max, weight_db, weight_min, "
                           "weight_max, scale_spread FROM diagnosed_layer WHERE key = ? "
                           "ORDER BY number",
                           key);
    while (layer.executeStep()) {
      const auto real = [&](int column) { return number(layer.getColumn(column)); };
      const auto range = [&](int column) {
        return compress::Range{static_cast<float>(real(column)),
                               static_cast<float>(real(column + 1))};
      };
      d.layers.push_back({.name = layer.getColumn(0).getString(),
                          .op = layer.getColumn(1).getString(),
                          .sqnr_db = real(2),
                          .alone_db = real(3),
                          .alone_agreement = real(4),
                          .clip_rate = real(5),
                          .seen = range(6),
                          .representable = range(8),
                          .weight_db = real(10),
                          .weights = range(11),
                          .scale_spread = real(13)});
    }
    return d;
  });
}

std::optional<Latency> Store::latency(const std::string& variant) const {
  return guarded(database_->path, [&]() -> std::optional<Latency> {
    auto query = statement(
        database_->sql, "SELECT median_us, p99_us, runs, disturbed FROM latency WHERE key = ?",
        any_seed(JobKind::latency, variant, experiment::Condition{}).value_or(""));
    if (!query.executeStep()) return std::nullopt;
    return Latency{query.getColumn(0).getDouble(), query.getColumn(1).getDouble(),
                   query.getColumn(2).getInt(), query.getColumn(3).getInt() != 0};
  });
}

std::optional<DeviceCost> Store::device_cost(const std::string& variant,
                                             const std::string& target) const {
  return guarded(database_->path, [&]() -> std::optional<DeviceCost> {
    auto query = statement(
        database_->sql,
        "SELECT instructions, cycles, flash_bytes, ram_bytes FROM device_cost WHERE key = ?",
        any_seed(JobKind::device, variant, OnDevice{target}).value_or(""));
    if (!query.executeStep()) return std::nullopt;
    return DeviceCost{query.getColumn(0).getInt64(), query.getColumn(1).getInt64(),
                      query.getColumn(2).getInt64(), query.getColumn(3).getInt64()};
  });
}

}  // namespace edgeproof::store
