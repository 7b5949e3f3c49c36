// SQLite through SQLiteCpp, in write-ahead mode: a transaction is either in the file or not,
// whatever happens to the process. store_put.cpp writes results, store_read.cpp reads them.

#include "store/store.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "store/database.h"
#include "store/fact_table.h"
#include "store/store_schema.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& path, int version) {
  fail(ErrorCode::bad_input,
       "{}: result store of version {}, expected {}: another version of edgeproof wrote it; give "
       "the "
       "study a new folder with -o",
       path.string(), version, kSchemaVersion);
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

// The URI that opens a file as one that nobody writes.
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

void write_test_set(SQLite::Database& sql, const TestSet& test) {
  SQLite::Statement window(sql, "INSERT INTO test_window VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    window.reset();
    window.bind(1, static_cast<std::int64_t>(i));
    window.bind(2, static_cast<int>(test.labels[i]));
    window.bind(3, test.groups[i]);
    window.exec();
  }
  for (std::size_t i = 0; i < test.classes.size(); ++i) {
    statement(sql, "INSERT INTO class VALUES (?, ?)", static_cast<std::int64_t>(i), test.classes[i])
        .exec();
  }
}

void write_plan(SQLite::Database& sql, const std::vector<Job>& plan) {
  sql.exec("DELETE FROM job");
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto& [kind, name, seed, on] = plan[i].id;
    auto insert =
        statement(sql,
                  "INSERT INTO job (number, kind, name, seed, cost, key, fault, severity, "
                  "realization, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  static_cast<std::int64_t>(i), std::string(job_kind_name(kind)), name, seed,
                  plan[i].cost, plan[i].key);
    if (const auto* device = std::get_if<OnDevice>(&on)) {
      insert.bind(10, device->target);
    } else {
      const experiment::Condition& shown = plan[i].id.condition();
      insert.bind(7, shown.fault);
      insert.bind(8, shown.severity);
      insert.bind(9, shown.realization);
    }
    insert.exec();
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

Store Store::open_existing(const std::filesystem::path& path, bool to_change) {
  if (!std::filesystem::exists(path)) {
    fail(ErrorCode::io, "{}: no such file; expected the result store of a study", path.string());
  }
  return guarded(path.string(), [&] {
    auto database = std::make_unique<Database>(
        path, to_change ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY);
    if (!to_change && !can_read(database->sql)) {
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
  SQLite::Statement query(
      database_->sql,
      "SELECT kind, name, seed, fault, severity, realization, device, cost, key "
      "FROM job ORDER BY number");
  while (query.executeStep()) {
    JobId id{kind_from_name(query.getColumn(0).getString()), query.getColumn(1).getString(),
             query.getColumn(2).getInt64()};
    if (query.getColumn(6).isNull()) {
      id.on = experiment::Condition{query.getColumn(3).getString(), query.getColumn(4).getInt(),
                                    query.getColumn(5).getInt()};
    } else {
      id.on = OnDevice{query.getColumn(6).getString()};
    }
    database_->plan.push_back({.id = std::move(id),
                               .key = query.getColumn(8).getString(),
                               .cost = query.getColumn(7).getDouble()});
  }
  database_->keys = keys_of(database_->plan);
}

void Store::set_study(const StudyFacts& facts, const TestSet& test, const std::vector<Job>& plan) {
  guarded(database_->path, [&] {
    SQLite::Database& sql = database_->sql;
    SQLite::Transaction transaction(sql, SQLite::TransactionBehavior::IMMEDIATE);
    sql.exec("DELETE FROM test_window; DELETE FROM class;");
    write_study_facts(sql, facts);
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
                                           const Place& on) const {
  const auto found = std::ranges::find_if(database_->plan, [&](const Job& job) {
    return job.id.kind == kind && job.id.name == variant && job.id.on == on;
  });
  if (found == database_->plan.end()) return std::nullopt;
  return found->key;
}

std::optional<StudyFacts> Store::facts() const {
  return guarded(database_->path, [&] { return read_study_facts(database_->sql); });
}

std::optional<std::string> Store::fact(const std::string& key) const {
  return guarded(database_->path, [&] { return read_fact(database_->sql, key); });
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

}  // namespace edgeproof::store
