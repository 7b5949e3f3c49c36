#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "study/summary.h"

namespace edgeproof::cli {

// --format, of a command that prints a study's table.
inline void add_format_option(CLI::App& command, study::Format& format) {
  const std::map<std::string, study::Format> formats = {
      {"table", study::Format::table}, {"csv", study::Format::csv}, {"json", study::Format::json}};
  command.add_option("--format", format, "table, csv or json")
      ->transform(CLI::CheckedTransformer(formats))
      ->option_text("FORMAT");
}

}  // namespace edgeproof::cli
