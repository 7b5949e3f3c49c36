// SQLite through SQLiteCpp, in write-ahead mode: a transaction is either in the file or not,
// whatever happens to the process. store_put.cpp writes results. Test: store_test.cpp.

#include "store/store.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "store/database.h"
#include "store/store_schema.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& path, int version) {
  fail(ErrorCode::bad_input, "{}: result store of version {}, expected {}", path.string(), version,
       kSchemaVersion);
}

// False in a folder that cannot be written, where write-ahead mode finds no place for its index.
bool can_read(SQLite::Database& sql) {
  try {
    (void)sql.execAndGet("PRAGMA user_version");
    return true;
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() != SQLITE_CANTOPEN) throw;
    return false;
  }
}

// As SQLite wants to be told of a file that nobody writes.
std::string immutable(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    const bool special = c == '%' || c == '?' || c == '#';
    uri += special ? fmt::format("%{:02x}", c) : std::string(1, c);
  }
  return uri + "?immutable=1";
}

JobKind kind_from_name(const std::string& name) {
  for (const JobKind kind : kJobKinds) {
    if (job_kind_name(kind) == name) return kind;
  }
  fail(ErrorCode::bad_input, "the result store has a job of unknown kind '{}'", name);
}

void write_facts(SQLite::Database& sql, const std::map<std::string, std::string>& facts) {
  for (const auto& [key, value] : facts) {
    statement(sql, "INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value).exec();
  }
}

void write_test_set(SQLite::Database& sql, const TestSet& test) {
  SQLite::Statement window(sql, "INSERT INTO test_window VALUES (?, ?, ?)");
  for (size_t i = 0; i < test.labels.size(); ++i) {
    window.reset();
    window.bind(1, static_cast<std::int64_t>(i));
    window.bind(2, static_cast<int>(test.labels[i]));
    window.bind(3, test.groups[i]);
    window.exec();
  }
  for (size_t i = 0; i < test.classes.size(); ++i) {
    statement(sql, "INSERT INTO class VALUES (?, ?)", static_cast<std::int64_t>(i), test.classes[i])
        .exec();
  }
}

void write_plan(SQLite::Database& sql, const std::vector<Job>& plan) {
  sql.exec("DELETE FROM job");
  for (size_t i = 0; i < plan.size(); ++i) {
    const auto& [kind, name, seed, on] = plan[i].id;
    statement(sql, "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              static_cast<std::int64_t>(i), std::string(job_kind_name(kind)), name, seed, on.fault,
              on.severity, on.realization, plan[i].cost, plan[i].key)
        .exec();
  }
}

std::map<JobId, std::string> keys_of(const std::vector<Job>& plan) {
  std::map<JobId, std::string> keys;
  for (const Job& job : plan) keys[job.id] = job.key;
  return keys;
}

}  // namespace

std::filesystem::path store_path(const std::filesystem::path& output) {
  return output / "study.db";
}

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;

namespace {

// For the change to write-ahead mode SQLite takes a lock without waiting for it, as the busy
// timeout has it wait for others.
void use_write_ahead(SQLite::Database& sql) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  for (int waited = 0;; waited += static_cast<int>(kPause.count())) {
    try {
      sql.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& error) {
      if (error.getErrorCode() != SQLITE_BUSY || waited >= kWaitMs) throw;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Store::Store(const std::filesystem::path& path) {
  guarded(path.string(), [&] {
    database_ = std::make_unique<Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& sql = database_->sql;
    use_write_ahead(sql);
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
    read_plan();
  });
}

Store Store::open_existing(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    fail(ErrorCode::io, "{}: no such file; expected the result store of a study", path.string());
  }
  return guarded(path.string(), [&] {
    auto database = std::make_unique<Database>(path, SQLite::OPEN_READONLY);
    if (!can_read(database->sql)) {
      database =
          std::make_unique<Database>(immutable(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
      database->path = path.string();
    }
    const int version = database->sql.execAndGet("PRAGMA user_version").getInt();
    if (version != kSchemaVersion) refuse(path, version);
    Store store(std::move(database));
    store.read_plan();
    return store;
  });
}

void Store::read_plan() {
  SQLite::Statement query(database_->sql,
                          "SELECT kind, name, seed, fault, severity, realization, cost, key "
                          "FROM job ORDER BY number");
  while (query.executeStep()) {
    database_->plan.push_back({.id = {kind_from_name(query.getColumn(0).getString()),
                                      query.getColumn(1).getString(),
                                      query.getColumn(2).getInt64(),
                                      {query.getColumn(3).getString(), query.getColumn(4).getInt(),
                                       query.getColumn(5).getInt()}},
                               .key = query.getColumn(7).getString(),
                               .cost = query.getColumn(6).getDouble()});
  }
  database_->keys = keys_of(database_->plan);
}

void Store::set_study(const std::map<std::string, std::string>& facts, const TestSet& test,
                      const std::vector<Job>& plan) {
  guarded(database_->path, [&] {
    SQLite::Database& sql = database_->sql;
    SQLite::Transaction transaction(sql, SQLite::TransactionBehavior::IMMEDIATE);
    sql.exec("DELETE FROM fact; DELETE FROM test_window; DELETE FROM class;");
    write_facts(sql, facts);
    write_test_set(sql, test);
    write_plan(sql, plan);
    transaction.commit();
  });
  database_->plan = plan;
  database_->keys = keys_of(plan);
}

void Store::set_plan(const std::vector<Job>& plan) {
  guarded(database_->path, [&] {
    SQLite::Transaction transaction(database_->sql, SQLite::TransactionBehavior::IMMEDIATE);
    write_plan(database_->sql, plan);
    transaction.commit();
  });
  database_->plan = plan;
  database_->keys = keys_of(plan);
}

const std::vector<Job>& Store::plan() const {
  return database_->plan;
}

std::optional<std::string> Store::key_of(const JobId& id) const {
  const auto found = database_->keys.find(id);
  if (found == database_->keys.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Store::any_seed(JobKind kind, const std::string& variant,
                                           const experiment::Condition& on) const {
  const auto found = std::ranges::find_if(database_->plan, [&](const Job& job) {
    return job.id.kind == kind && job.id.name == variant && job.id.on == on;
  });
  if (found == database_->plan.end()) return std::nullopt;
  return found->key;
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
    write_facts(database_->sql, facts);
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

TrainedModel Store::trained(const std::string& training, std::int64_t seed) const {
  return guarded(database_->path, [&] {
    const std::string key = key_of({JobKind::training, training, seed}).value_or("");
    auto query =
        statement(database_->sql, "SELECT onnx, best_epoch FROM trained_model WHERE key = ?", key);
    if (!query.executeStep()) {
      fail(ErrorCode::bad_input, "{}: holds no model '{}' of seed {}", database_->path, training,
           seed);
    }
    TrainedModel model{blob(query.getColumn(0)), query.getColumn(1).getInt(), {}};
    auto log = statement(
        database_->sql,
        "SELECT epoch, train_loss, validation_loss, validation_accuracy FROM training_log "
        "WHERE key = ? ORDER BY epoch",
        key);
    while (log.executeStep()) {
      model.log.push_back({log.getColumn(0).getInt(), number(log.getColumn(1)),
                           number(log.getColumn(2)), number(log.getColumn(3))});
    }
    return model;
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
    auto query =
        statement(database_->sql, "SELECT median_us, p99_us, runs FROM latency WHERE key = ?",
                  any_seed(JobKind::latency, variant, {}).value_or(""));
    if (!query.executeStep()) return std::nullopt;
    return Latency{query.getColumn(0).getDouble(), query.getColumn(1).getDouble(),
                   query.getColumn(2).getInt()};
  });
}

std::optional<DeviceCost> Store::device_cost(const std::string& variant,
                                             const std::string& target) const {
  return guarded(database_->path, [&]() -> std::optional<DeviceCost> {
    auto query = statement(
        database_->sql,
        "SELECT instructions, cycles, flash_bytes, ram_bytes FROM device_cost WHERE key = ?",
        any_seed(JobKind::device, variant, {target}).value_or(""));
    if (!query.executeStep()) return std::nullopt;
    return DeviceCost{query.getColumn(0).getInt64(), query.getColumn(1).getInt64(),
                      query.getColumn(2).getInt64(), query.getColumn(3).getInt64()};
  });
}

}  // namespace edgeproof::store
