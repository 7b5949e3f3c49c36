#include "experiment/config_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "experiment/fault_choice.h"
#include "signal/readers/presets.h"

namespace edgeproof::experiment {
namespace {

void expect(bool ok, const std::string& source, std::string_view what) {
  if (!ok) fail(ErrorCode::bad_config, "{}: {}", source, what);
}

// Keys of [data] that must fit each other.
void check_data(const DataConfig& data, const std::string& source) {
  const std::string& kind = data.source;
  const auto is = [&](std::initializer_list<std::string_view> kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  try {
    if (signal::is_preset(kind)) signal::preset(kind);
  } catch (const Error& error) {
    expect(false, source, fmt::format("[data] {}", error.what()));
  }
  expect(!is({"csv", "npz"}) || data.path != ".", source,
         fmt::format("[data] source '{}' needs a 'path'", kind));
  expect(!is({"mat", "ts", "arff"}) || !data.files.empty(), source,
         fmt::format("[data] source '{}' needs 'files'", kind));
  expect(!is({"ts", "arff"}) || data.files.size() <= 2, source,
         "'files' in [data] must be the training file and, if there is one, the test file");
  expect(data.separator.size() == 1, source, "'separator' in [data] must be one character");
  const auto expect_one_each = [&](const std::vector<std::string>& list, std::string_view name,
                                   const std::vector<std::string>& of, std::string_view of_name) {
    expect(list.empty() || list.size() == of.size(), source,
           fmt::format("'{}' in [data] must be empty or one for each of '{}'", name, of_name));
  };
  expect_one_each(data.units, "units", data.channels, "channels");
  expect_one_each(data.derived_from, "derived_from", data.channels, "channels");
  expect_one_each(data.file_labels, "file_labels", data.files, "files");
  expect_one_each(data.file_groups, "file_groups", data.files, "files");
}

}  // namespace

void check(const Config& c, const std::string& source) {
  check_data(c.data, source);
  expect(c.onnx.empty() || c.architecture == Config().architecture, source,
         "'architecture' and 'onnx' in [model] exclude each other: give one of them");
  const auto check_faults = [&](const FaultChoice& choice, std::string_view section, auto use) {
    try {
      for (const faults::Fault& fault : named_faults(choice)) use(fault);
    } catch (const Error& error) {
      expect(false, source, fmt::format("[{}] {}", section, error.what()));
    }
  };
  check_faults(c.fault_training.choice, "fault_training", [](const faults::Fault&) {});
  check_faults(c.faults.choice, "faults", [&](const faults::Fault& fault) {
    const auto severest = std::ranges::max(c.faults.severities);
    if (fault.fixed() || fault.severities() >= severest) return;
    fail(ErrorCode::bad_config, "fault '{}' has {} severities, expected {} ('severities')",
         fault.name, fault.severities(), severest);
  });
  try {
    const Variants variants = c.all_variants();
    for (const std::string& name : c.variants) (void)variants.at(name);
  } catch (const Error& error) {
    expect(false, source, error.what());
  }
  const auto& v = c.variants;
  expect(std::find(v.begin(), v.end(), "fp32") != v.end(), source,
         "'variants' in [study] must hold 'fp32': every other one is compared with it");
  const ClaimNames names = claim_names(c);
  for (const Claim& claim : c.claims) (void)parse_claim(claim, names);
}

ClaimNames claim_names(const Config& config) {
  ClaimNames names{config.variants, {}, config.faults.severities};
  for (const faults::Fault& fault : named_faults(config.faults.choice)) {
    names.faults.push_back(fault.name);
  }
  return names;
}

Inequality parse_claim(const Claim& claim, const ClaimNames& names) {
  try {
    return parse_inequality(claim.check, names);
  } catch (const Error& error) {
    const std::string place = claim.place.empty() ? "" : claim.place + ": 'check' in [[claim]]: ";
    fail(ErrorCode::bad_config, "{}{}", place, error.what());
  }
}

}  // namespace edgeproof::experiment
