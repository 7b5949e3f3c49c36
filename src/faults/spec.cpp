// Test: spec_test.cpp.

#include "faults/spec.h"

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::faults {
namespace {

[[noreturn]] void malformed(std::string_view text, const Definition& definition) {
  fail(ErrorCode::bad_config, "fault '{}': expected '{}', '{}(severity=3)' or '{}({}={})'", text,
       definition.name, definition.name, definition.name, definition.parameter.name,
       definition.parameter.severities[2]);
}

int parse_severity(std::string_view text, std::string_view word) {
  const auto severity = parse_integer(word);
  if (!severity || *severity < 0 || *severity > kMaxSeverity) {
    fail(ErrorCode::bad_config, "fault '{}': severity is '{}', expected a whole number, 0 to {}",
         text, word, kMaxSeverity);
  }
  return static_cast<int>(*severity);
}

double parse_value(std::string_view text, std::string_view word, const Parameter& parameter) {
  const auto value = parse_number(word);
  if (!value || !(*value >= parameter.min && *value <= parameter.max)) {
    fail(ErrorCode::bad_config, "fault '{}': {} is '{}', expected a number, {} to {} ({})", text,
         parameter.name, word, parameter.min, parameter.max, parameter.unit);
  }
  return *value;
}

}  // namespace

FaultSpec parse_fault(std::string_view text) {
  text = trim(text);
  const size_t open = text.find('(');
  FaultSpec spec{&definition(std::string(trim(text.substr(0, open)))), {}, {}};
  if (open == std::string_view::npos) return spec;

  const size_t equals = text.find('=', open);
  if (equals == std::string_view::npos || text.back() != ')') malformed(text, *spec.definition);
  const std::string key(trim(text.substr(open + 1, equals - open - 1)));
  const std::string_view word = trim(text.substr(equals + 1, text.size() - equals - 2));
  const Parameter& parameter = spec.definition->parameter;
  if (key == "severity") {
    spec.severity = parse_severity(text, word);
  } else if (key == parameter.name) {
    spec.value = parse_value(text, word, parameter);
  } else {
    const std::array<std::string, 2> known = {parameter.name, "severity"};
    fail(ErrorCode::bad_config, "fault '{}': unknown parameter '{}'{}", text, key,
         did_you_mean(key, known));
  }
  return spec;
}

std::string to_string(const FaultSpec& spec) {
  const Definition& definition = *spec.definition;
  if (spec.severity) return fmt::format("{}(severity={})", definition.name, *spec.severity);
  if (spec.value) {
    return fmt::format("{}({}={})", definition.name, definition.parameter.name, *spec.value);
  }
  return definition.name;
}

void inject(const FaultSpec& spec, const Context& context, Segment segment) {
  if (spec.severity) {
    inject(*spec.definition, *spec.severity, context, segment);
  } else if (spec.value) {
    inject_value(*spec.definition, *spec.value, context, segment);
  } else {
    malformed(to_string(spec), *spec.definition);
  }
}

}  // namespace edgeproof::faults
