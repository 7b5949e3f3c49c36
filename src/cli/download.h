#pragma once

// A file from the network (http, https) or, for tests, a file:// address. What a broken-off
// download has got stays in FILE.partial, and the next one goes on from there.

#include <cstdint>
#include <filesystem>
#include <string>

namespace edgeproof::cli {

// `title` begins the progress line on standard error. A `file` that exists is left as it is. Error
// io with host and reason; bad_input above `max_bytes`. Not thread-safe.
void download(const std::string& url, const std::filesystem::path& file, const std::string& title,
              std::int64_t max_bytes = std::int64_t{1} << 31);

// What the plug-in `download` (core/plugin.h) hands over.
struct Downloader {
  decltype(&download) get_file;
};

}  // namespace edgeproof::cli
