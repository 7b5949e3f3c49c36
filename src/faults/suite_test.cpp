// The code against the tables of docs/faults.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "faults/expression.h"

namespace edgeproof::faults {
namespace {

using ::testing::ElementsAre;
using ::testing::ThrowsMessage;
using Row = std::vector<std::string>;

// The rows of the tables under a heading of docs/faults.md, but for the tables' heads.
std::vector<Row> rows(const std::string& heading) {
  std::ifstream file("docs/faults.md");
  std::vector<Row> rows;
  bool here = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) here = line.ends_with(heading);
    if (!here || !line.starts_with("| ") || line.starts_with("| fault |")) continue;
    Row& row = rows.emplace_back();
    for (const auto cell : split(line, '|')) row.emplace_back(trim(cell));
    row.erase(row.begin());
    row.pop_back();
  }
  return rows;
}

TEST(Suite, FaultsAndSeveritiesAreThoseOfTheDocumentInItsOrder) {
  const auto table = rows("version 2 (normative)");
  ASSERT_EQ(table.size(), all_faults().size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];  // | fault | y | unit | 1 | 2 | 3 | 4 | 5 |
    ASSERT_EQ(row.size(), 8);
    const Fault& fault = all_faults()[i];
    EXPECT_EQ(fault.name, row[0]);
    EXPECT_EQ(fault.severities(), 5);
    if (fault.parts.size() > 1) continue;
    for (std::size_t s = 0; s < 5; ++s) {
      EXPECT_EQ(fault.parts[0].values[s], parse_number(row[3 + s])) << fault.name;
    }
  }
}

TEST(Suite, ParametersAreThoseOfTheDocument) {
  const auto table = rows("Parameters by name");  // | fault | parameter | value | from | to |
  std::vector<Row> expected;
  const auto add = [&](const std::string& fault, const Parameter& p, const std::string& value) {
    expected.push_back({fault, p.name, value, fmt::format("{}", p.min), fmt::format("{}", p.max)});
  };
  for (const Definition& fault : definitions()) {
    add(fault.name, fault.parameter, "severity");
    for (const Constant& constant : fault.constants) {
      add(fault.name, constant.parameter, fmt::format("{}", constant.value));
    }
  }
  EXPECT_EQ(table, expected);
}

TEST(Suite, SeveritiesGoOneWayAndAreInRange) {
  for (const Definition& fault : definitions()) {
    const Severities& s = fault.severities;
    EXPECT_TRUE(std::ranges::is_sorted(s) || std::ranges::is_sorted(s, std::greater()));
    EXPECT_NE(s.front(), s.back());
    for (const double value : s) {
      EXPECT_TRUE(fault.parameter.min <= value && value <= fault.parameter.max) << fault.name;
    }
    for (const Constant& constant : fault.constants) {
      EXPECT_TRUE(constant.parameter.min <= constant.value);
      EXPECT_TRUE(constant.value <= constant.parameter.max);
    }
  }
}

TEST(Suite, CoreIsThePapersFiveAndFullIsAll) {
  std::vector<std::string> names;
  for (const Fault& fault : suite("core")) names.push_back(fault.name);
  EXPECT_THAT(names, ElementsAre("gaussian", "impulse", "drift", "missing", "bias"));
  EXPECT_EQ(suite("full").size(), 20);
  EXPECT_EQ(suite("full").back().name, "field");
  EXPECT_THAT(suites(), ElementsAre("core", "full"));
}

TEST(Suite, UnknownNamesAreErrorsThatHelp) {
  EXPECT_THAT([] { definition("gausian"); },
              ThrowsMessage<Error>("unknown fault 'gausian', did you mean 'gaussian'?"));
  EXPECT_THAT([] { definition("sabotage"); },
              ThrowsMessage<Error>(::testing::StartsWith(
                  "unknown fault 'sabotage' (known: gaussian, impulse, drift, missing, bias, ")));
  EXPECT_THAT([] { suite("all"); },
              ThrowsMessage<Error>("unknown suite 'all' (known: core, full)"));
}

}  // namespace
}  // namespace edgeproof::faults
