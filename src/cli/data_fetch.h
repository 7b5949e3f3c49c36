#pragma once

// `edgeproof data fetch`: a published data set from its publisher, checked.

#include <filesystem>
#include <string>

namespace edgeproof::cli {

struct FetchOptions {
  std::string preset;
  std::filesystem::path folder;  // empty: experiment::data_cache()
  std::string from;  // instead of the publisher's address; of cwru, the folder of its files
};

// Files come into a folder beside, and are moved into place when their contents' checksum is the
// known one. Errors: io (with what to do by hand), bad_input for other contents.
void fetch(const FetchOptions& options);

}  // namespace edgeproof::cli
