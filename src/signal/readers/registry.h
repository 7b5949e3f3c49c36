#pragma once

// All sources of data. What `source` in [data] may be, which keys go with it, the endings of files
// that `edgeproof data` takes, the help texts and the fuzzers follow from this list.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "signal/readers/source.h"

namespace edgeproof::signal {

const std::vector<Source>& sources();

// nullptr if there is none: of this name ("ucr:BasicMotions"), of files that end so.
const Source* source_named(std::string_view name);
const Source* source_of_file(const std::filesystem::path& file);

// Every key that any source reads, once. Its meaning begins with the sources that it is for.
const std::vector<SourceKey>& all_keys();
std::vector<std::string> sources_with(std::string_view key);
bool has_key(const Source& source, std::string_view key);

std::vector<std::string> source_names();
std::vector<std::string> names_of_data_sets();  // the sources that need no file of the user's
std::vector<std::string> file_endings();        // of all formats

// Error bad_config if a key is missing or keys do not fit each other. Files are not looked at.
void check_settings(const Source& source, const SourceRequest& request);

}  // namespace edgeproof::signal
