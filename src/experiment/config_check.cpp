#include "experiment/config_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "experiment/fault_choice.h"
#include "signal/readers/registry.h"

namespace edgeproof::experiment {
namespace {

void expect(bool ok, const std::string& source, std::string_view what) {
  if (!ok) fail(ErrorCode::bad_config, "{}: {}", source, what);
}

// Where a file says the key, or else the file.
const std::string& place_of(const std::string& key, const std::string& file,
                            const KeyPlaces& places) {
  const auto place = places.find(key);
  return place == places.end() ? file : place->second;
}

// Whether the value was a key's default in an earlier version.
bool is_former_default(const std::string& key, const signal::Value& value) {
  return key == "unequal_length" && value == signal::Value(std::string("error"));
}

// Keys of [data] that are for another source. One that has its default value is let pass, wherever
// it stands: it says nothing, and configurations that were printed or stored by earlier versions
// spell out every key.
void check_applicable(const DataConfig& data, const signal::Source& source, const std::string& file,
                      const KeyPlaces& places) {
  for (const signal::SourceKey& key : signal::all_keys()) {
    if (!data.settings.is_set(key.name) || signal::has_key(source, key.name)) continue;
    if (is_former_default(key.name, data.settings.get(key.name, key.value))) continue;
    fail(ErrorCode::bad_config, "{}: '{}' in [data] is for {}, not for {}",
         place_of("data." + key.name, file, places), key.name,
         join(signal::sources_with(key.name), ", "), data.source);
  }
}

void check_data(const DataConfig& data, const std::string& file, const KeyPlaces& places) {
  const signal::Source* source = signal::source_named(data.source);
  if (source == nullptr) {
    fail(ErrorCode::bad_config, "{}: 'source' in [data]: unknown value '{}'{}", file, data.source,
         did_you_mean(data.source, signal::source_names()));
  }
  check_applicable(data, *source, file, places);
  try {
    signal::check_settings(*source, {.source = data.source, .settings = data.settings});
  } catch (const Error& error) {
    expect(false, file, error.what());
  }
}

// 'steps' beside 'epochs' says two things at once. Its default is let pass: configurations that
// were printed spell it out, and whoever then writes a number of epochs means it.
void check_budget(std::string_view section, int epochs, int steps, int default_steps,
                  const std::string& file, const KeyPlaces& places) {
  if (epochs == 0 || steps == default_steps) return;
  fail(ErrorCode::bad_config,
       "{}: 'steps' in [{}] is {} beside 'epochs' {}, expected one of them: leave out 'steps', or "
       "set 'epochs' to 0",
       place_of(fmt::format("{}.steps", section), file, places), section, steps, epochs);
}

void check_training(const Config& c, const std::string& file, const KeyPlaces& places) {
  const Config defaults;
  check_budget("train", c.train.epochs, c.train_steps, defaults.train_steps, file, places);
  check_budget("finetune", c.finetune.epochs, c.finetune.steps, defaults.finetune.steps, file,
               places);
  if (c.train.batch_size != 1) return;
  fail(ErrorCode::bad_config,
       "{}: 'batch_size' in [train] is 1, expected 0 or a whole number from 2 to 65536: BatchNorm "
       "cannot take the statistics of one window",
       place_of("train.batch_size", file, places));
}

}  // namespace

void check(const Config& c, const std::string& source, const KeyPlaces& places) {
  check_data(c.data, source, places);
  check_training(c, source, places);
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
