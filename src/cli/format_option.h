#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "results/summary_text.h"

namespace edgeproof::cli {

// --format, of a command that prints a study's table.
inline void add_format_option(CLI::App& command, results::Format& format) {
  const std::map<std::string, results::Format> formats = {{"table", results::Format::table},
                                                          {"csv", results::Format::csv},
                                                          {"json", results::Format::json}};
  command.add_option("--format", format, "table, csv or json")
      ->transform(CLI::CheckedTransformer(formats))
      ->option_text("FORMAT");
}

}  // namespace edgeproof::cli
