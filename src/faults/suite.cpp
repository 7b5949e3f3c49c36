// The list of faults, in the order of the table in docs/faults.md. Test: suite_test.cpp holds the
// two against each other.

#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "faults/fault.h"

namespace edgeproof::faults {

// Each is in the file of its name.
Definition gaussian();
Definition impulse();
Definition drift();
Definition missing();
Definition bias();

namespace {

constexpr size_t kCoreCount = 5;  // the core suite is the beginning of the table

const std::array<std::string, 1> kSuites = {"core"};

}  // namespace

std::span<const Definition> definitions() {
  static const std::array kDefinitions = {gaussian(), impulse(), drift(), missing(), bias()};
  return kDefinitions;
}

const Definition& definition(const std::string& name) {
  std::vector<std::string> names;
  for (const Definition& definition : definitions()) {
    if (definition.name == name) return definition;
    names.push_back(definition.name);
  }
  fail(ErrorCode::bad_config, "unknown fault '{}'{}", name, did_you_mean(name, names));
}

std::span<const Definition> suite(const std::string& name) {
  if (name != "core") {
    fail(ErrorCode::bad_config, "unknown suite '{}' (known: {})", name, join(kSuites, ", "));
  }
  return definitions().first(kCoreCount);
}

std::span<const std::string> suites() {
  return kSuites;
}

}  // namespace edgeproof::faults
