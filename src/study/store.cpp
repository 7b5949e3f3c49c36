// SQLite through SQLiteCpp, in write-ahead mode: a transaction is either in the file or not,
// whatever happens to the process. Test: store_test.cpp.

#include "study/store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace edgeproof::study {
namespace {

constexpr int kSchemaVersion = 3;

constexpr const char* kSchema = R"sql(
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE class (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE test_window (number INTEGER PRIMARY KEY, label INTEGER NOT NULL, group_number INTEGER NOT NULL);
CREATE TABLE trained_model (
  training TEXT NOT NULL, seed INTEGER NOT NULL, best_epoch INTEGER NOT NULL, onnx BLOB NOT NULL,
  PRIMARY KEY (training, seed)) WITHOUT ROWID;
CREATE TABLE training_log (
  training TEXT NOT NULL, seed INTEGER NOT NULL, epoch INTEGER NOT NULL,
  train_loss REAL NOT NULL, validation_loss REAL, validation_accuracy REAL,  -- NULL: no validation
  PRIMARY KEY (training, seed, epoch)) WITHOUT ROWID;
CREATE TABLE deployed_model (
  variant TEXT NOT NULL, seed INTEGER NOT NULL, macs INTEGER NOT NULL, weight_bytes INTEGER NOT NULL,
  coded_weight_bytes INTEGER NOT NULL, arena_bytes INTEGER NOT NULL, nodes TEXT NOT NULL, onnx BLOB NOT NULL,
  PRIMARY KEY (variant, seed)) WITHOUT ROWID;
CREATE TABLE evaluation (
  variant TEXT NOT NULL, seed INTEGER NOT NULL, fault TEXT NOT NULL, severity INTEGER NOT NULL,
  realization INTEGER NOT NULL, ece REAL NOT NULL, labels BLOB NOT NULL, clipped TEXT NOT NULL,
  counted TEXT NOT NULL, PRIMARY KEY (variant, seed, fault, severity, realization)) WITHOUT ROWID;
CREATE TABLE agreement (
  variant TEXT NOT NULL, seed INTEGER NOT NULL, fault TEXT NOT NULL, severity INTEGER NOT NULL,
  realization INTEGER NOT NULL, same INTEGER NOT NULL, windows INTEGER NOT NULL,
  PRIMARY KEY (variant, seed, fault, severity, realization)) WITHOUT ROWID;
CREATE TABLE diagnosis (
  variant TEXT NOT NULL, fault TEXT NOT NULL, severity INTEGER NOT NULL, windows INTEGER NOT NULL,
  output_db REAL, agreement REAL NOT NULL, blamed INTEGER NOT NULL,
  PRIMARY KEY (variant, fault, severity)) WITHOUT ROWID;
CREATE TABLE diagnosed_layer (
  variant TEXT NOT NULL, fault TEXT NOT NULL, severity INTEGER NOT NULL, number INTEGER NOT NULL,
  name TEXT NOT NULL, type TEXT NOT NULL, sqnr_db REAL, alone_db REAL, alone_agreement REAL,
  clip_rate REAL NOT NULL, seen_min REAL NOT NULL, seen_max REAL NOT NULL, int8_min REAL NOT NULL,
  int8_max REAL NOT NULL, weight_db REAL, weight_min REAL, weight_max REAL, scale_spread REAL,
  PRIMARY KEY (variant, fault, severity, number)) WITHOUT ROWID;
CREATE TABLE latency (
  variant TEXT PRIMARY KEY, median_us REAL NOT NULL, p99_us REAL NOT NULL, runs INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE search_trial (
  strategy TEXT NOT NULL, number INTEGER NOT NULL, genome TEXT NOT NULL, recipe TEXT NOT NULL,
  weight_bytes INTEGER NOT NULL, arena_bytes INTEGER NOT NULL, macs INTEGER NOT NULL,
  clean REAL NOT NULL, robust REAL NOT NULL, PRIMARY KEY (strategy, number)) WITHOUT ROWID;
)sql";

using nlohmann::json;

template <typename... Values>
SQLite::Statement statement(const SQLite::Database& database, const char* sql,
                            const Values&... values) {
  SQLite::Statement prepared(database, sql);
  int index = 0;
  (prepared.bind(++index, values), ...);
  return prepared;
}

void bind_blob(SQLite::Statement& prepared, int index, std::string_view bytes) {
  prepared.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

// SQLite keeps NaN as NULL.
double number(const SQLite::Column& column) {
  return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

std::string blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<size_t>(column.getBytes())};
}

}  // namespace

std::vector<Condition> all_conditions(const std::vector<std::string>& faults,
                                      const std::vector<std::int64_t>& severities,
                                      int realizations) {
  std::vector<Condition> all = {Condition{}};
  for (const std::string& fault : faults) {
    for (const auto severity : severities) {
      for (int r = 0; r < realizations; ++r) all.push_back({fault, static_cast<int>(severity), r});
    }
  }
  return all;
}

struct Store::Database {
  Database(const std::filesystem::path& file, int flags) : path(file.string()), sql(path, flags) {
    sql.setBusyTimeout(10000);
  }
  std::string path;
  SQLite::Database sql;
};

namespace {

// SQLite's exceptions become Errors that name the file.
template <typename Action>
auto guarded(const std::string& path, Action action) {
  try {
    return action();
  } catch (const SQLite::Exception& error) {
    fail(ErrorCode::io, "{}: {}", path, error.what());
  }
}

[[noreturn]] void refuse(const std::filesystem::path& path, int version) {
  fail(ErrorCode::bad_input, "{}: result store of version {}, expected {}", path.string(), version,
       kSchemaVersion);
}

}  // namespace

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;

Store::Store(const std::filesystem::path& path) {
  guarded(path.string(), [&] {
    database_ = std::make_unique<Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& sql = database_->sql;
    sql.exec("PRAGMA journal_mode = WAL");
    sql.exec("PRAGMA synchronous = NORMAL");
    SQLite::Transaction transaction(sql, SQLite::TransactionBehavior::IMMEDIATE);
    const int version = sql.execAndGet("PRAGMA user_version").getInt();
    if (version == 0) {
      sql.exec(kSchema);
      sql.exec(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
    } else if (version != kSchemaVersion) {
      refuse(path, version);
    }
    transaction.commit();
  });
}

Store Store::open_existing(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    fail(ErrorCode::io, "{}: no such file; expected the result store of a study", path.string());
  }
  return guarded(path.string(), [&] {
    auto database = std::make_unique<Database>(path, SQLite::OPEN_READONLY);
    const int version = database->sql.execAndGet("PRAGMA user_version").getInt();
    if (version != kSchemaVersion) refuse(path, version);
    return Store(std::move(database));
  });
}

std::optional<std::string> Store::fact(const std::string& key) const {
  return guarded(database_->path, [&]() -> std::optional<std::string> {
    auto query = statement(database_->sql, "SELECT value FROM fact WHERE key = ?", key);
    if (!query.executeStep()) return std::nullopt;
    return query.getColumn(0).getString();
  });
}

void Store::set_facts(const std::map<std::string, std::string>& facts) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    for (const auto& [key, value] : facts) {
      statement(database_->sql, "INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value).exec();
    }
    transaction.commit();
  });
}

void Store::put_test_set(const TestSet& test) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    database_->sql.exec("DELETE FROM test_window; DELETE FROM class;");
    SQLite::Statement window(database_->sql, "INSERT INTO test_window VALUES (?, ?, ?)");
    for (size_t i = 0; i < test.labels.size(); ++i) {
      window.reset();
      window.bind(1, static_cast<std::int64_t>(i));
      window.bind(2, static_cast<int>(test.labels[i]));
      window.bind(3, test.groups[i]);
      window.exec();
    }
    for (size_t i = 0; i < test.classes.size(); ++i) {
      statement(database_->sql, "INSERT INTO class VALUES (?, ?)", static_cast<std::int64_t>(i),
                test.classes[i])
          .exec();
    }
    transaction.commit();
  });
}

TestSet Store::test_set() const {
  return guarded(database_->path, [&] {
    TestSet test;
    SQLite::Statement windows(database_->sql,
                              "SELECT label, group_number FROM test_window ORDER BY number");
    while (windows.executeStep()) {
      test.labels.push_back(static_cast<std::uint8_t>(windows.getColumn(0).getInt()));
      test.groups.push_back(windows.getColumn(1).getInt());
    }
    SQLite::Statement classes(database_->sql, "SELECT name FROM class ORDER BY number");
    while (classes.executeStep()) test.classes.push_back(classes.getColumn(0).getString());
    return test;
  });
}

bool Store::has_trained(const std::string& training, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    return statement(database_->sql, "SELECT 1 FROM trained_model WHERE training = ? AND seed = ?",
                     training, seed)
        .executeStep();
  });
}

TrainedModel Store::trained(const std::string& training, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    auto query =
        statement(database_->sql,
                  "SELECT onnx, best_epoch FROM trained_model WHERE training = ? AND seed = ?",
                  training, seed);
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input, "{}: holds no model '{}' of seed {}", database_->path, training,
           seed);
    }
    TrainedModel model{blob(query.getColumn(0)), query.getColumn(1).getInt(), {}};
    auto log = statement(
        database_->sql,
        "SELECT epoch, train_loss, validation_loss, validation_accuracy FROM training_log "
        "WHERE training = ? AND seed = ? ORDER BY epoch",
        training, seed);
    while (log.executeStep()) {
      model.log.push_back({log.getColumn(0).getInt(), number(log.getColumn(1)),
                           number(log.getColumn(2)), number(log.getColumn(3))});
    }
    return model;
  });
}

void Store::put_trained(const std::string& training, std::int64_t seed, const TrainedModel& model) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    auto insert =
        statement(database_->sql, "INSERT OR REPLACE INTO trained_model VALUES (?, ?, ?, ?)",
                  training, seed, model.best_epoch);
    bind_blob(insert, 4, model.onnx);
    insert.exec();
    for (const train::EpochLog& epoch : model.log) {
      statement(database_->sql, "INSERT OR REPLACE INTO training_log VALUES (?, ?, ?, ?, ?, ?)",
                training, seed, epoch.epoch, epoch.train_loss, epoch.validation_loss,
                epoch.validation_accuracy)
          .exec();
    }
    transaction.commit();
  });
}

bool Store::has_deployed(const std::string& variant, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    return statement(database_->sql, "SELECT 1 FROM deployed_model WHERE variant = ? AND seed = ?",
                     variant, seed)
        .executeStep();
  });
}

DeployedModel Store::deployed(const std::string& variant, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    auto query =
        statement(database_->sql,
                  "SELECT onnx, macs, weight_bytes, coded_weight_bytes, arena_bytes, nodes "
                  "FROM deployed_model WHERE variant = ? AND seed = ?",
                  variant, seed);
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

void Store::put_deployed(const std::string& variant, std::int64_t seed,
                         const DeployedModel& model) {
  guarded(database_->path, [&] {
    auto insert = statement(database_->sql,
                            "INSERT OR REPLACE INTO deployed_model VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            variant, seed, model.macs, model.weight_bytes, model.coded_weight_bytes,
                            model.arena_bytes, json(model.nodes).dump());
    bind_blob(insert, 8, model.onnx);
    insert.exec();
  });
}

bool Store::has_evaluation(const std::string& variant, std::int64_t seed,
                           const Condition& on) const {
  return guarded(database_->path, [&] {
    return statement(database_->sql,
                     "SELECT 1 FROM evaluation WHERE variant = ? AND seed = ? AND fault = ? AND "
                     "severity = ? AND realization = ?",
                     variant, seed, on.fault, on.severity, on.realization)
        .executeStep();
  });
}

Evaluation Store::evaluation(const std::string& variant, std::int64_t seed,
                             const Condition& on) const {
  return guarded(database_->path, [&] {
    auto query =
        statement(database_->sql,
                  "SELECT labels, ece, clipped, counted FROM evaluation WHERE variant = ? AND "
                  "seed = ? AND fault = ? AND severity = ? AND realization = ?",
                  variant, seed, on.fault, on.severity, on.realization);
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input,
           "{}: holds no evaluation of '{}' seed {} on {} severity {}; the study is "
           "not finished: run it again to go on",
           database_->path, variant, seed, on.fault, on.severity);
    }
    const std::string labels = blob(query.getColumn(0));
    return Evaluation{{labels.begin(), labels.end()},
                      query.getColumn(1).getDouble(),
                      json::parse(query.getColumn(2).getString()),
                      json::parse(query.getColumn(3).getString())};
  });
}

void Store::put_evaluations(const Condition& on, const std::vector<Evaluated>& all) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    for (const auto& [variant, seed, result, agreement] : all) {
      auto insert = statement(database_->sql,
                              "INSERT OR REPLACE INTO evaluation (variant, seed, fault, severity, "
                              "realization, ece, clipped, counted, labels) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                              variant, seed, on.fault, on.severity, on.realization, result.ece,
                              json(result.clipped).dump(), json(result.values).dump());
      bind_blob(insert, 9,
                {reinterpret_cast<const char*>(result.labels.data()), result.labels.size()});
      insert.exec();
      if (!agreement) continue;
      statement(database_->sql, "INSERT OR REPLACE INTO agreement VALUES (?, ?, ?, ?, ?, ?, ?)",
                variant, seed, on.fault, on.severity, on.realization, agreement->same,
                agreement->windows)
          .exec();
    }
    transaction.commit();
  });
}

std::optional<Agreement> Store::agreement(const std::string& variant, std::int64_t seed,
                                          const Condition& on) const {
  return guarded(database_->path, [&]() -> std::optional<Agreement> {
    auto query = statement(database_->sql,
                           "SELECT same, windows FROM agreement WHERE variant = ? AND seed = ? AND "
                           "fault = ? AND severity = ? AND realization = ?",
                           variant, seed, on.fault, on.severity, on.realization);
    if (!query.executeStep()) return std::nullopt;
    return Agreement{query.getColumn(0).getInt64(), query.getColumn(1).getInt64()};
  });
}

std::optional<compress::Diagnosis> Store::diagnosis(const std::string& variant,
                                                    const Condition& on) const {
  return guarded(database_->path, [&]() -> std::optional<compress::Diagnosis> {
    auto query = statement(database_->sql,
                           "SELECT windows, output_db, agreement, blamed FROM diagnosis WHERE "
                           "variant = ? AND fault = ? AND severity = ?",
                           variant, on.fault, on.severity);
    if (!query.executeStep()) return std::nullopt;
    compress::Diagnosis d{.windows = query.getColumn(0).getInt(),
                          .output_db = number(query.getColumn(1)),
                          .agreement = query.getColumn(2).getDouble(),
                          .blamed = query.getColumn(3).getInt()};
    auto layer = statement(database_->sql,
                           "SELECT name, type, sqnr_db, alone_db, alone_agreement, clip_rate, "
                           "seen_min, seen_max, int8_min, int8_max, weight_db, weight_min, "
                           "weight_max, scale_spread FROM diagnosed_layer WHERE variant = ? AND "
                           "fault = ? AND severity = ? ORDER BY number",
                           variant, on.fault, on.severity);
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

void Store::put_diagnoses(const Condition& on,
                          const std::map<std::string, compress::Diagnosis>& all) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    for (const auto& [variant, d] : all) {
      statement(database_->sql, "INSERT OR REPLACE INTO diagnosis VALUES (?, ?, ?, ?, ?, ?, ?)",
                variant, on.fault, on.severity, d.windows, d.output_db, d.agreement, d.blamed)
          .exec();
      for (size_t n = 0; n < d.layers.size(); ++n) {
        const compress::LayerDiagnosis& l = d.layers[n];
        statement(database_->sql,
                  "INSERT OR REPLACE INTO diagnosed_layer VALUES "
                  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  variant, on.fault, on.severity, static_cast<int>(n), l.name, l.op, l.sqnr_db,
                  l.alone_db, l.alone_agreement, l.clip_rate, l.seen.min, l.seen.max,
                  l.representable.min, l.representable.max, l.weight_db, l.weights.min,
                  l.weights.max, l.scale_spread)
            .exec();
      }
    }
    transaction.commit();
  });
}

std::vector<SearchTrial> Store::trials() const {
  return guarded(database_->path, [&] {
    std::vector<SearchTrial> all;
    auto query = statement(database_->sql,
                           "SELECT strategy, number, genome, recipe, weight_bytes, arena_bytes, "
                           "macs, clean, robust FROM search_trial ORDER BY strategy, number");
    while (query.executeStep()) {
      all.push_back({query.getColumn(0).getString(), query.getColumn(1).getInt(),
                     json::parse(query.getColumn(2).getString()), query.getColumn(3).getString(),
                     query.getColumn(4).getInt64(), query.getColumn(5).getInt64(),
                     query.getColumn(6).getInt64(), query.getColumn(7).getDouble(),
                     query.getColumn(8).getDouble()});
    }
    return all;
  });
}

void Store::put_trials(const std::vector<SearchTrial>& trials) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql);
    for (const SearchTrial& t : trials) {
      statement(database_->sql,
                "INSERT OR REPLACE INTO search_trial VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                t.strategy, t.number, json(t.genome).dump(), t.recipe, t.weight_bytes,
                t.arena_bytes, t.macs, t.clean, t.robust)
          .exec();
    }
    transaction.commit();
  });
}

std::optional<Latency> Store::latency(const std::string& variant) const {
  return guarded(database_->path, [&]() -> std::optional<Latency> {
    auto query = statement(
        database_->sql, "SELECT median_us, p99_us, runs FROM latency WHERE variant = ?", variant);
    if (!query.executeStep()) return std::nullopt;
    return Latency{query.getColumn(0).getDouble(), query.getColumn(1).getDouble(),
                   query.getColumn(2).getInt()};
  });
}

void Store::put_latency(const std::string& variant, const Latency& latency) {
  guarded(database_->path, [&] {
    statement(database_->sql, "INSERT OR REPLACE INTO latency VALUES (?, ?, ?, ?)", variant,
              latency.median_us, latency.p99_us, latency.runs)
        .exec();
  });
}

}  // namespace edgeproof::study
