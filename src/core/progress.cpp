#include "core/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace edgeproof {
namespace {

constexpr auto kBetweenLines = std::chrono::seconds(10);

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::string title, int total)
    : title_(std::move(title)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_ && done_ > 0) fmt::print(stderr, "\n");
}

std::string Progress::state(std::string_view note) const {
  const std::chrono::duration<double> elapsed = Clock::now() - begin_;
  std::string time = duration_text(elapsed.count());
  if (done_ < total_) {
    time = duration_text(elapsed.count() / done_ * (total_ - done_)) + " left";
  } else {
    const double cpu = static_cast<double>(std::clock() - begin_cpu_) / CLOCKS_PER_SEC;
    time += fmt::format(" ({:.1f} CPU-seconds)", cpu);
  }
  return fmt::format("{}/{}, {}, {}", done_, total_, time, note);
}

void Progress::step(std::string_view note) {
  const std::lock_guard lock(mutex_);
  ++done_;
  if (terminal_) {
    constexpr int kBar = 24;
    const int filled = kBar * std::min(done_, total_) / std::max(total_, 1);
    std::string line =
        fmt::format("{:<10} [{:<{}}] {}", title_,
                    std::string(static_cast<std::size_t>(filled), '='), kBar, state(note));
    line.resize(std::min(line.size(), terminal_width() - 1));
    fmt::print(stderr, "\r\x1b[K{}", line);
  } else if (done_ == total_ || Clock::now() - last_line_ >= kBetweenLines) {
    last_line_ = Clock::now();
    fmt::print(stderr, "{}: {}\n", title_, state(note));
  }
  std::fflush(stderr);
}

std::string duration_text(double seconds) {
  const auto s = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

}  // namespace edgeproof
