#include "store/fact_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "store/store_sql.h"

namespace edgeproof::store {
namespace {

// Every fact that is a text or a number, by its key: writing and reading cannot differ.
template <typename Facts, typename Visitor>
void visit_scalars(Facts& f, const Visitor& visit) {
  visit("config", f.config);
  visit("claims", f.claims);
  visit("data_name", f.data_name);
  visit("data_checksum", f.data_checksum);
  visit("rate_hz", f.rate_hz);
  visit("groups", f.groups);
  visit("window_length", f.window_length);
  visit("train_windows", f.train_windows);
  visit("validation_windows", f.validation_windows);
  visit("test_windows", f.test_windows);
  visit("split", f.split);
  visit("batch_size", f.batch_size);
  visit("steps_per_epoch", f.steps_per_epoch);
  visit("train_epochs", f.train_epochs);
  visit("finetune_epochs", f.finetune_epochs);
  visit("version", f.version);
  visit("processor", f.processor);
  visit("cores", f.cores);
}

constexpr const char* kOfNetwork[] = {"model_checksum", "network_checksum"};

}  // namespace

void write_facts(SQLite::Database& sql, const std::map<std::string, std::string>& facts) {
  for (const auto& [key, value] : facts) {
    statement(sql, "INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value).exec();
  }
}

void write_study_facts(SQLite::Database& sql, const StudyFacts& facts) {
  sql.exec("DELETE FROM fact; DELETE FROM channel; DELETE FROM not_applicable;");
  std::map<std::string, std::string> texts = facts.network;
  visit_scalars(facts,
                [&](const char* key, const auto& value) { texts[key] = fmt::format("{}", value); });
  texts["metadata"] = nlohmann::json(facts.metadata).dump();
  texts["split_findings"] = nlohmann::json(facts.split_findings).dump();
  write_facts(sql, texts);
  for (std::size_t i = 0; i < facts.channels.size(); ++i) {
    statement(sql, "INSERT INTO channel VALUES (?, ?)", static_cast<std::int64_t>(i),
              facts.channels[i])
        .exec();
  }
  for (const auto& [fault, reason] : facts.not_applicable) {
    statement(sql, "INSERT INTO not_applicable VALUES (?, ?)", fault, reason).exec();
  }
}

std::optional<std::string> read_fact(const SQLite::Database& sql, const std::string& key) {
  auto query = statement(sql, "SELECT value FROM fact WHERE key = ?", key);
  if (!query.executeStep()) return std::nullopt;
  return query.getColumn(0).getString();
}

std::optional<StudyFacts> read_study_facts(const SQLite::Database& sql) {
  if (!read_fact(sql, "config")) return std::nullopt;
  StudyFacts facts;
  visit_scalars(facts, [&]<typename Value>(const char* key, Value& value) {
    const std::string text = read_fact(sql, key).value_or("");
    if constexpr (std::is_same_v<Value, std::string>) {
      value = text;
    } else {
      value = static_cast<Value>(parse_number(text).value_or(0));
    }
  });
  for (const char* key : kOfNetwork) {
    if (const auto value = read_fact(sql, key)) facts.network[key] = *value;
  }
  if (const auto metadata = read_fact(sql, "metadata")) {
    facts.metadata = nlohmann::json::parse(*metadata);
  }
  if (const auto findings = read_fact(sql, "split_findings")) {
    facts.split_findings = nlohmann::json::parse(*findings).get<std::vector<std::string>>();
  }
  SQLite::Statement channel(sql, "SELECT name FROM channel ORDER BY number");
  while (channel.executeStep()) facts.channels.push_back(channel.getColumn(0).getString());
  SQLite::Statement fault(sql, "SELECT fault, reason FROM not_applicable");
  while (fault.executeStep()) {
    facts.not_applicable.push_back(
        {fault.getColumn(0).getString(), fault.getColumn(1).getString()});
  }
  return facts;
}

}  // namespace edgeproof::store
