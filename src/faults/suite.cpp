// The list of faults, in the order of the table in docs/faults.md. Test: suite_test.cpp holds the
// two against each other.

#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "faults/expression.h"

namespace edgeproof::faults {

// Each is in the file of its name.
Definition gaussian();
Definition impulse();
Definition drift();
Definition missing();
Definition bias();
Definition drift_walk();
Definition gain();
Definition hum();
Definition saturation();
Definition adc();
Definition stuck();
Definition missing_burst();
Definition dropout();
Definition jitter();
Definition clock_skew();
Definition rotation();
Definition crosstalk();
Definition bandwidth();
Definition reorder();

namespace {

constexpr std::size_t kCoreCount = 5;  // the core suite is the beginning of the table

const std::array<std::string, 2> kSuites = {"core", "full"};

// Gaussian noise, spikes, drift and lost packets together, each one severity lower: what comes from
// the field. At severity 1 it is gaussian noise of severity 1 alone.
Fault field() {
  Fault field{.name = "field", .parts = {}};
  for (const char* name : {"gaussian", "impulse", "drift", "missing_burst"}) {
    Part part = make_fault(definition(name)).parts.front();
    const bool alone = part.definition->name == "gaussian";
    const double first = alone ? part.values[0] : std::numeric_limits<double>::quiet_NaN();
    part.values.insert(part.values.begin(), first);
    part.values.pop_back();
    field.parts.push_back(std::move(part));
  }
  return field;
}

}  // namespace

std::span<const Definition> definitions() {
  static const std::array kDefinitions = {
      gaussian(),   impulse(),    drift(),     missing(),   bias(),          drift_walk(), gain(),
      hum(),        saturation(), adc(),       stuck(),     missing_burst(), dropout(),    jitter(),
      clock_skew(), rotation(),   crosstalk(), bandwidth(), reorder()};
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

std::span<const Fault> all_faults() {
  static const std::vector<Fault> kFaults = [] {
    std::vector<Fault> faults;
    for (const Definition& definition : definitions()) faults.push_back(make_fault(definition));
    faults.push_back(field());
    return faults;
  }();
  return kFaults;
}

std::span<const Fault> suite(const std::string& name) {
  if (name == "core") return all_faults().first(kCoreCount);
  if (name == "full") return all_faults();
  fail(ErrorCode::bad_config, "unknown suite '{}'{}", name, did_you_mean(name, kSuites));
}

std::span<const std::string> suites() {
  return kSuites;
}

}  // namespace edgeproof::faults
