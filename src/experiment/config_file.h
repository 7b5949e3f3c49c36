#pragma once

// study.toml: a configuration read and written.
//
// A file may begin with base = "other.toml", or a list of such: those are read first, and each
// replaces what the ones before it gave, key by key; claims of all count.
//
// One list of keys (visit, in config_keys.h) serves the strict reader, the writer with its
// comments, and the record in the result store, so that `edgeproof study --print-config` cannot be
// wrong.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/config.h"

namespace edgeproof::experiment {

// Error bad_config naming file, line and key: an unknown key (with a suggestion), a wrong type, a
// value out of range, a key of [data] that is for another source, 'steps' beside 'epochs', a claim
// that cannot be checked. A base is relative to `source_name`'s folder.
Config read_config(const std::filesystem::path& path);
// What the text says replaces, key by key, what `config` says.
Config parse_config(std::string_view toml, const std::string& source_name, Config config = {});

// The [[claim]] of any TOML file and its bases, whatever else is in them, and not yet checked.
// Error bad_config if there is none.
std::vector<Claim> read_claims(const std::filesystem::path& path);

// All keys of all sections but the claims, in the order of the file; of [data], those that go with
// the source; 'steps' where 'epochs' is 0.
std::vector<Setting> settings_of(const Config& config);

// Every key with its value and what it means; read_config() of it gives the same Config. Keys of
// [data] that are for other sources are comments, and so is 'steps' beside a number of epochs.
std::string to_toml(const Config& config);
std::string to_toml(const std::vector<Claim>& claims);

}  // namespace edgeproof::experiment
