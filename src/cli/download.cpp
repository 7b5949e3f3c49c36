#include "cli/download.h"

#include "core/plugin.h"

namespace edgeproof::cli {

void download(const std::string& url, const std::filesystem::path& file, const std::string& title,
              std::int64_t max_bytes) {
  if (std::filesystem::exists(file)) return;
  const auto& downloader =
      plugin_table<Downloader>({.name = "download",
                                .purpose = "downloading data",
                                .packages = "libcurl (libcurl4, libcurl4-openssl-dev)"});
  downloader.get_file(url, file, title, max_bytes);
}

}  // namespace edgeproof::cli
