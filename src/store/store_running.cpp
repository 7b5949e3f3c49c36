// What processes are at, and how long it took: measured, and no part of any result.
// Test: status_test.cpp.

#include <signal.h>

#include <cerrno>

#include "core/host.h"
#include "store/database.h"
#include "store/store.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

std::vector<Running> rows(SQLite::Database& sql) {
  SQLite::Statement query(sql,
                          "SELECT key, host, process, threads, jobs, since, share FROM running "
                          "ORDER BY since, key");
  std::vector<Running> all;
  while (query.executeStep()) {
    all.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(),
                   query.getColumn(2).getInt(), query.getColumn(3).getInt(),
                   query.getColumn(4).getInt(), query.getColumn(5).getDouble(),
                   query.getColumn(6).getDouble()});
  }
  return all;
}

bool ended(const Running& running) {
  return running.host == host_name() && kill(running.process, 0) != 0 && errno == ESRCH;
}

}  // namespace

std::vector<Timed> Store::timed() const {
  return guarded(database_->path, [&] {
    std::vector<Timed> all;
    SQLite::Statement query(database_->sql, "SELECT kind, name, cost, seconds FROM job_seconds");
    while (query.executeStep()) {
      const std::string kind = query.getColumn(0).getString();
      for (const JobKind known : kJobKinds) {
        if (job_kind_name(known) != kind) continue;
        all.push_back({known, query.getColumn(1).getString(), query.getColumn(2).getDouble(),
                       query.getColumn(3).getDouble()});
      }
    }
    return all;
  });
}

std::vector<Running> Store::running() const {
  std::vector<Running> all = guarded(database_->path, [&] { return rows(database_->sql); });
  std::erase_if(all, ended);
  return all;
}

void Store::forget_ended() {
  for (const Running& running : guarded(database_->path, [&] { return rows(database_->sql); })) {
    if (ended(running)) end_running(running);
  }
}

void Store::set_running(const Running& r) {
  guarded(database_->path, [&] {
    statement(database_->sql, "INSERT OR REPLACE INTO running VALUES (?, ?, ?, ?, ?, ?, ?)", r.key,
              r.host, r.process, r.threads, r.jobs, r.since, r.share)
        .exec();
  });
}

void Store::end_running(const Running& r) {
  guarded(database_->path, [&] {
    statement(database_->sql, "DELETE FROM running WHERE key = ? AND host = ? AND process = ?",
              r.key, r.host, r.process)
        .exec();
  });
}

}  // namespace edgeproof::store
