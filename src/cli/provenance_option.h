#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "formats/provenance.h"

namespace edgeproof::cli {

// --provenance, of a command that writes models.
inline CLI::Option* add_provenance_option(CLI::App& command, formats::ProvenanceDetail& detail) {
  return command
      .add_option_function<std::string>(
          "--provenance",
          [&detail](const std::string& word) {
            detail = formats::kProvenanceDetailWords.value(word).value();
          },
          "What models say of where they come from: short (default; version, variant, recipe, "
          "seed, checksums), full (the configuration's text too, without folders) or none (what it "
          "takes to run them)")
      ->check(CLI::IsMember(formats::kProvenanceDetailWords.all()))
      ->type_name("DETAIL");
}

}  // namespace edgeproof::cli
