// The plug-in `download` (core/plugin.h): libcurl, one transfer at a time. Contents are not trusted
// here: whoever asks for a file compares its checksum. Test: data_test.sh.

#include "cli/download.h"

#include <curl/curl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/plugin.h"
#include "edgeproof/version.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Transfer {
 public:
  Transfer(const std::string& url, const fs::path& partial, const std::string& title,
           std::int64_t max_bytes)
      : title_(title), max_bytes_(max_bytes), curl_(curl_easy_init()) {
    std::error_code none;
    begin_ = fs::exists(partial) ? static_cast<std::int64_t>(fs::file_size(partial, none)) : 0;
    file_.reset(std::fopen(partial.c_str(), "ab"));
    if (file_ == nullptr) fail(ErrorCode::io, "{}: cannot write", partial.string());
    CURL* curl = curl_.get();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "edgeproof/" EDGEPROOF_VERSION);
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(begin_));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason_);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::write);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Transfer::progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Whether the server has what follows the partial file; if not, begin anew.
  bool run(const std::string& url) {
    if (begin_ > 0) {
      fmt::print(stderr, "{}: goes on after {:.1f} MB\n", title_,
                 static_cast<double>(begin_) / 1e6);
    }
    const CURLcode code = curl_easy_perform(curl_.get());
    if (shown_) fmt::print(stderr, "\n");
    throw_if_interrupted();
    if (too_large_) {
      fail(ErrorCode::bad_input, "{}: larger than {} bytes", url, max_bytes_);
    }
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    constexpr long kNoSuchRange = 416;
    const bool stale = code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME ||
                       (code == CURLE_HTTP_RETURNED_ERROR && status == kNoSuchRange);
    if (stale && begin_ > 0) return false;
    if (code != CURLE_OK) {
      fail(ErrorCode::io, "cannot download {}: {}", url,
           reason_[0] == '\0' ? curl_easy_strerror(code) : reason_);
    }
    if (std::fclose(file_.release()) != 0) fail(ErrorCode::io, "cannot write: disk full?");
    return true;
  }

 private:
  static std::size_t write(const char* bytes, std::size_t one, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.got_ += static_cast<std::int64_t>(one * count);
    transfer.too_large_ = transfer.begin_ + transfer.got_ > transfer.max_bytes_;
    return transfer.too_large_ ? 0 : std::fwrite(bytes, one, count, transfer.file_.get());
  }

  static int progress(void* self, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
      throw_if_interrupted();
    } catch (const Error&) {
      return 1;
    }
    transfer.show(now, total);
    return 0;
  }

  void show(std::int64_t now, std::int64_t total) {
    if (isatty(STDERR_FILENO) == 0 || Clock::now() - shown_at_ < std::chrono::milliseconds(200)) {
      return;
    }
    shown_at_ = Clock::now();
    shown_ = true;
    const auto megabytes = [&](std::int64_t bytes) {
      return static_cast<double>(begin_ + bytes) / 1e6;
    };
    const std::string of = total > 0 ? fmt::format(" of {:.1f}", megabytes(total)) : "";
    fmt::print(stderr, "\r\x1b[K{}: {:.1f}{} MB", title_, megabytes(now), of);
    std::fflush(stderr);
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };
  const std::string& title_;
  std::int64_t max_bytes_;
  std::unique_ptr<CURL, Close> curl_;
  std::unique_ptr<std::FILE, Close> file_;
  std::int64_t begin_ = 0, got_ = 0;
  bool too_large_ = false;
  bool shown_ = false;
  Clock::time_point shown_at_ = Clock::now();
  char reason_[CURL_ERROR_SIZE] = {};
};

void get_file(const std::string& url, const fs::path& file, const std::string& title,
              std::int64_t max_bytes) {
  fs::path partial = file;
  partial += ".partial";
  if (!Transfer(url, partial, title, max_bytes).run(url)) {
    fs::remove(partial);
    Transfer(url, partial, title, max_bytes).run(url);
  }
  fs::rename(partial, file);
}

}  // namespace
}  // namespace edgeproof::cli

const void* edgeproof_plugin(const edgeproof::Host& host) {
  static constexpr edgeproof::cli::Downloader kDownloader = {edgeproof::cli::get_file};
  return edgeproof::join_host(host, &kDownloader);
}
