#pragma once

// The facts of a study in SQLite: texts by key, and lists in tables of their own.

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <string>

#include "store/facts.h"

namespace edgeproof::store {

void write_facts(SQLite::Database& sql, const std::map<std::string, std::string>& facts);

// In place of all that is there.
void write_study_facts(SQLite::Database& sql, const StudyFacts& facts);

// Nothing if it is not there.
std::optional<std::string> read_fact(const SQLite::Database& sql, const std::string& key);
std::optional<StudyFacts> read_study_facts(const SQLite::Database& sql);

}  // namespace edgeproof::store
