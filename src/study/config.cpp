// What no single key can be blamed for, and files on files. Test: config_test.cpp.

#include "study/config.h"

#include <fmt/format.h>

#include <algorithm>

#include <toml++/toml.h>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "study/config_toml.h"

namespace edgeproof::study {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of a configuration

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

// What no single key can be blamed for.
void check_together(const Config& c, const std::string& source) {
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

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    fail(ErrorCode::bad_config, "{}:{}: not TOML: {}", source, error.source().begin.line,
         error.description());
  }
}

// The files that `root` says it is based on.
std::vector<std::filesystem::path> bases_of(const toml::table& root, const std::string& source) {
  const toml::node* node = root.get("base");
  if (node == nullptr) return {};
  const auto refuse = [&](std::string_view what) {
    fail(ErrorCode::bad_config, "{}:{}: 'base' {}", source, node->source().begin.line, what);
  };
  std::vector<std::filesystem::path> bases;
  const auto add = [&](const toml::node& element) {
    const auto name = element.value_exact<std::string>();
    if (!name) refuse("must be a file's name in quotes, or a list of them");
    bases.push_back(std::filesystem::path(source).parent_path() / *name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(bases.back(), error))
      refuse(fmt::format("names '{}', which is no file", *name));
  };
  if (const toml::array* list = node->as_array()) {
    for (const toml::node& element : *list) add(element);
  } else {
    add(*node);
  }
  return bases;
}

// Calls `read` with each base in their order, then with the text itself. Gives the names of all.
template <typename Read>
std::string read_layers(std::string_view text, const std::string& source, const Read& read,
                        int depth = 0) {
  constexpr int kDeepest = 8;
  if (depth == kDeepest) {
    fail(ErrorCode::bad_config, "{}: 'base' of 'base', {} files deep; is one its own?", source,
         kDeepest);
  }
  const toml::table root = parse_toml(text, source);
  std::string sources = source;
  for (const std::filesystem::path& base : bases_of(root, source)) {
    sources += ", " + read_layers(read_file(base, kMostBytes), base.string(), read, depth + 1);
  }
  read(TomlReader(root, source));
  return sources;
}

}  // namespace

Config::Config() {
  variants.assign(variant_names().begin(), variant_names().end());
  train.epochs = 20;
}

Config parse_config(std::string_view text, const std::string& source_name) {
  Config config;
  const std::string sources = read_layers(text, source_name, [&](TomlReader reader) {
    visit(reader, config);
    reader.finish();
  });
  check_together(config, sources);
  return config;
}

Config read_config(const std::filesystem::path& path) {
  return parse_config(read_file(path, kMostBytes), path.string());
}

std::vector<Claim> read_claims(const std::filesystem::path& path) {
  std::vector<Claim> claims;
  read_layers(read_file(path, kMostBytes), path.string(),
              [&](TomlReader reader) { reader.claims("claim", "", claims); });
  if (claims.empty()) fail(ErrorCode::bad_config, "{}: has no [[claim]]", path.string());
  return claims;
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

std::string to_toml(const Config& config) {
  TomlWriter writer;
  Config copy = config;
  visit(writer, copy);
  return writer.text();
}

std::string to_toml(const std::vector<Claim>& claims) {
  TomlWriter writer;
  writer.claims("claim", "Judged when the study was finished.", claims);
  return writer.text();
}

}  // namespace edgeproof::study
