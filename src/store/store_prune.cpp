// Results that the current plan does not name.

#include <fmt/format.h>

#include "store/database.h"
#include "store/store.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

// The tables that hold results by key. `kind` is what a row of the first of a kind counts as.
struct ResultTable {
  const char* name;
  std::optional<JobKind> kind;
};

constexpr ResultTable kTables[] = {
    {"trained_model", JobKind::training},    {"training_log", std::nullopt},
    {"deployed_model", JobKind::deployment}, {"evaluation", JobKind::evaluation},
    {"diagnosis", JobKind::diagnosis},       {"diagnosed_layer", std::nullopt},
    {"latency", JobKind::latency},           {"device_cost", JobKind::device}};

constexpr const char* kIsUnused = "key NOT IN (SELECT key FROM job)";

// What all columns of the unused rows hold. Numbers count as the text they print as.
std::int64_t bytes_of(SQLite::Database& sql, const char* table) {
  std::string sum;
  SQLite::Statement column(sql, fmt::format("SELECT name FROM pragma_table_info('{}')", table));
  while (column.executeStep()) {
    // Of a text, length() counts characters; as a blob it counts bytes.
    sum += fmt::format("{}coalesce(length(CAST({} AS BLOB)), 0)", sum.empty() ? "" : " + ",
                       column.getColumn(0).getString());
  }
  return sql
      .execAndGet(
          fmt::format("SELECT coalesce(sum({}), 0) FROM {} WHERE {}", sum, table, kIsUnused))
      .getInt64();
}

Unused count_unused(SQLite::Database& sql) {
  Unused unused;
  for (const ResultTable& table : kTables) {
    unused.bytes += bytes_of(sql, table.name);
    if (!table.kind) continue;
    const std::int64_t count =
        sql.execAndGet(fmt::format("SELECT count(*) FROM {} WHERE {}", table.name, kIsUnused))
            .getInt64();
    if (count > 0) unused.results[*table.kind] = count;
  }
  return unused;
}

}  // namespace

Unused Store::unused() const {
  return guarded(database_->path, [&] { return count_unused(database_->sql); });
}

Unused Store::prune() {
  if (!running().empty()) {
    fail(ErrorCode::io, "{}: a process is at work on this study; prune it when it has ended",
         database_->path);
  }
  return guarded(database_->path, [&] {
    SQLite::Database& sql = database_->sql;
    SQLite::Transaction transaction(sql, SQLite::TransactionBehavior::IMMEDIATE);
    const Unused unused = count_unused(sql);
    for (const ResultTable& table : kTables) {
      sql.exec(fmt::format("DELETE FROM {} WHERE {}", table.name, kIsUnused));
    }
    transaction.commit();
    sql.exec("VACUUM");
    sql.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return unused;
  });
}

}  // namespace edgeproof::store
