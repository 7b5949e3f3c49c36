#pragma once

// Progress of long work on standard error: a bar with the time left on a terminal, otherwise a
// plain line now and then; at the end the time it took, on the clock and of all the process's
// threads. Thread-safe.

#include <chrono>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>

namespace edgeproof {

class Progress {
 public:
  // `total` steps of about equal length.
  Progress(std::string title, int total);
  ~Progress();  // ends the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // One more step is done; `note` says which.
  void step(std::string_view note);

 private:
  using Clock = std::chrono::steady_clock;
  std::string state(std::string_view note) const;

  std::mutex mutex_;
  std::string title_;
  int total_;
  int done_ = 0;
  bool terminal_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_line_ = begin_;
  std::clock_t begin_cpu_ = std::clock();
};

// "42 s", "3 min 05 s", "2 h 10 min".
std::string duration_text(double seconds);

}  // namespace edgeproof
