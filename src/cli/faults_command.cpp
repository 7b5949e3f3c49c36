// edgeproof faults [NAME]

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "core/text.h"
#include "faults/expression.h"
#include "results/json_number.h"

namespace edgeproof::cli {
namespace {

using faults::Fault;
using faults::Part;

struct Options {
  std::string name;
  std::string format = "table";
};

// The parameter at each severity; of a composition what its parts have.
std::string values_of(const Part& part) {
  std::vector<std::string> values;
  for (const double value : part.values) {
    values.push_back(std::isnan(value) ? "-" : fmt::format("{}", value));
  }
  return join(values, "  ");
}

void print_table(const std::vector<const Fault*>& faults) {
  fmt::print("{:<14} {:<34} {:<10} {}\n", "fault", "severity 1 to 5", "of", "what it does");
  for (const Fault* fault : faults) {
    if (fault->parts.size() > 1) {
      fmt::print("{:<14} {:<34} {:<10} {}, each one severity lower\n", fault->name, "", "",
                 fault->summary());
      continue;
    }
    const Part& part = fault->parts.front();
    fmt::print("{:<14} {:<34} {:<10} {}\n", fault->name, values_of(part),
               part.definition->parameter.name, fault->summary());
  }
  fmt::print("\n'edgeproof faults NAME' has units and ranges; docs/faults.md the definitions.\n");
}

void print_parameter(const faults::Parameter& p, const std::string& values) {
  fmt::print("  {:<10} {} to {}{}; {}\n  {:<10} {}\n", p.name, p.min, p.max,
             p.whole ? ", whole" : "", p.unit, "", values);
}

void print_details(const Fault& fault) {
  fmt::print("{}: {}\n", fault.name, fault.summary());
  for (const Part& part : fault.parts) {
    const faults::Definition& definition = *part.definition;
    if (fault.parts.size() > 1) fmt::print("\n{}: {}\n", definition.name, definition.summary);
    print_parameter(definition.parameter, "severity 1 to 5: " + values_of(part));
    for (std::size_t i = 0; i < definition.constants.size(); ++i) {
      print_parameter(definition.constants[i].parameter,
                      fmt::format("default: {}", part.constants[i]));
    }
    if (definition.needs_statistics) fmt::print("  needs mean and sd of the channels\n");
    if (definition.needs_length) fmt::print("  needs the length of the stream\n");
  }
}

nlohmann::ordered_json to_json(const faults::Parameter& p) {
  return {{"name", p.name}, {"unit", p.unit}, {"min", p.min}, {"max", p.max}, {"whole", p.whole}};
}

void print_json(const std::vector<const Fault*>& faults) {
  auto all = nlohmann::ordered_json::array();
  for (const Fault* fault : faults) {
    nlohmann::ordered_json o{{"name", fault->name}, {"definition", fault->summary()}};
    for (const Part& part : fault->parts) {
      nlohmann::ordered_json of_part{{"fault", part.definition->name},
                                     {"parameter", to_json(part.definition->parameter)}};
      for (const double value : part.values) {
        of_part["severities"].push_back(results::json_number(value));
      }
      for (std::size_t i = 0; i < part.constants.size(); ++i) {
        auto constant = to_json(part.definition->constants[i].parameter);
        constant["default"] = part.constants[i];
        of_part["constants"].push_back(constant);
      }
      o["parts"].push_back(of_part);
    }
    all.push_back(o);
  }
  fmt::print("{}\n", all.dump(2));
}

void run_command(const Options& options) {
  std::vector<const Fault*> chosen;
  std::vector<std::string> names;
  for (const Fault& fault : faults::all_faults()) {
    names.push_back(fault.name);
    if (options.name.empty() || options.name == fault.name) chosen.push_back(&fault);
  }
  if (chosen.empty()) {
    fail(ErrorCode::bad_config, "unknown fault '{}'{}", options.name,
         did_you_mean(options.name, names));
  }
  if (options.format == "json") return print_json(chosen);
  if (options.name.empty()) return print_table(chosen);
  print_details(*chosen.front());
}

}  // namespace

void add_faults(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("faults", "List the sensor faults there are");
  command->add_option("NAME", options->name, "One fault, with the units of its parameters");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  edgeproof faults\n"
      "  edgeproof faults missing_burst");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
