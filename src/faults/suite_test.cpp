// The code against the tables of docs/faults.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

// The rows of all tables of docs/faults.md that begin with the name of a fault, cell by cell.
std::vector<std::vector<std::string>> rows(const std::string& fault) {
  std::ifstream file("docs/faults.md");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| " + fault + " |")) continue;
    auto& row = rows.emplace_back();
    for (const auto cell : split(line, '|')) row.emplace_back(trim(cell));
  }
  return rows;
}

TEST(Suite, SeveritiesAndParametersAreThoseOfTheDocument) {
  for (const Definition& fault : definitions()) {
    const auto found = rows(fault.name);
    ASSERT_EQ(found.size(), 2) << fault.name;
    const auto& severities = found[0];  // | fault | y | unit | 1 | 2 | 3 | 4 | 5 |
    ASSERT_EQ(severities.size(), 10) << fault.name;
    for (size_t s = 0; s < 5; ++s) {
      EXPECT_EQ(fault.parameter.severities[s], parse_number(severities[4 + s])) << fault.name;
    }
    const auto& parameter = found[1];  // | fault | parameter | from | to |
    ASSERT_EQ(parameter.size(), 6) << fault.name;
    EXPECT_EQ(fault.parameter.name, parameter[2]) << fault.name;
    EXPECT_EQ(fault.parameter.min, parse_number(parameter[3])) << fault.name;
    EXPECT_EQ(fault.parameter.max, parse_number(parameter[4])) << fault.name;
  }
}

TEST(Suite, SeveritiesGrowAndAreInRange) {
  for (const Definition& fault : definitions()) {
    const Parameter& p = fault.parameter;
    EXPECT_TRUE(std::is_sorted(p.severities.begin(), p.severities.end())) << fault.name;
    EXPECT_TRUE(p.min <= p.severities.front() && p.severities.back() <= p.max) << fault.name;
  }
}

TEST(Suite, CoreIsThePapersFiveInTableOrder) {
  std::vector<std::string> names;
  for (const Definition& fault : suite("core")) names.push_back(fault.name);
  EXPECT_THAT(names, ::testing::ElementsAre("gaussian", "impulse", "drift", "missing", "bias"));
}

TEST(Suite, UnknownNamesAreErrorsThatHelp) {
  EXPECT_THAT([] { definition("gausian"); },
              ::testing::ThrowsMessage<Error>("unknown fault 'gausian', did you mean 'gaussian'?"));
  EXPECT_THAT([] { definition("sabotage"); },
              ::testing::ThrowsMessage<Error>(
                  "unknown fault 'sabotage' (known: gaussian, impulse, drift, missing, bias)"));
  EXPECT_THAT([] { suite("full"); },
              ::testing::ThrowsMessage<Error>("unknown suite 'full' (known: core)"));
}

}  // namespace
}  // namespace edgeproof::faults
