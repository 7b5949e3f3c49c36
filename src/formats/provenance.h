#pragma once

// Where a model comes from, as its file says it: a JSON object under "edgeproof.provenance".
//
//   {"format": 2, "version": text, "seed": integer, "variant": text, "recipe": text,
//    "data_checksum": text, "config_checksum": text, "parent_checksum": text, "config": text}
//
// Texts that are empty are left out. Objects without a format are those of version 0.1.0: they have
// a version, seed, data_checksum and config. Another format is an error: a newer edgeproof wrote
// the file, and what it says is not known here.

#include <cstdint>
#include <string>

#include "core/enum_words.h"

namespace edgeproof::formats {

struct Provenance {
  std::string data_checksum = {};    // of the data set (signal/dataset.h)
  std::string config = {};           // the configuration's text, without folders
  std::uint64_t seed = 0;            // of training
  std::string version = {};          // of edgeproof
  std::string variant = {};          // its name in the study
  std::string recipe = {};           // in one line, from the network that training began with
  std::string config_checksum = {};  // SHA-256 of the configuration's text
  std::string parent_checksum = {};  // SHA-256 of the model file that it was made from
  bool operator==(const Provenance&) const = default;
};

// How much of it goes into a file.
enum class ProvenanceDetail { full, brief, none };
inline constexpr auto kProvenanceDetailWords =
    enum_words<ProvenanceDetail>({{ProvenanceDetail::full, "full"},
                                  {ProvenanceDetail::brief, "short"},
                                  {ProvenanceDetail::none, "none"}});

}  // namespace edgeproof::formats
