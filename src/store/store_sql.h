#pragma once

// SQLite as the store uses it.

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <limits>
#include <string>
#include <string_view>

#include "core/error.h"

namespace edgeproof::store {

// SQLite's exceptions become Errors that name the file.
template <typename Action>
auto guarded(const std::string& path, Action action) {
  try {
    return action();
  } catch (const SQLite::Exception& error) {
    fail(ErrorCode::io, "{}: {}", path, error.what());
  }
}

template <typename... Values>
SQLite::Statement statement(const SQLite::Database& database, const char* sql,
                            const Values&... values) {
  SQLite::Statement prepared(database, sql);
  int index = 0;
  (prepared.bind(++index, values), ...);
  return prepared;
}

inline void bind_blob(SQLite::Statement& prepared, int index, std::string_view bytes) {
  prepared.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

// SQLite keeps NaN as NULL.
inline double number(const SQLite::Column& column) {
  return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

inline std::string blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace edgeproof::store
