// Test: quiet_rounds_test.cpp, with a machine and a clock of its own.

#include "targets/quiet_rounds.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "core/interrupt.h"
#include "runtime/kernels/kernel_list.h"

namespace edgeproof::targets {
namespace {

constexpr int kStretches = 9;               // of the loop, of which the median counts
constexpr std::int64_t kPeakRounds = 5000;  // some 10 us
constexpr std::uint32_t kChain = 10000;     // multiplications, some 10 us
constexpr auto kPause = std::chrono::milliseconds(50);

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Multiplications that each wait for the one before.
std::int64_t chain() {
  std::uint32_t x = 1;
  for (std::uint32_t i = 0; i < kChain; ++i) {
    x = x * 1664525 + i;
    asm volatile("" : "+r"(x));
  }
  return kChain;
}

double work_per_ns(const std::function<std::int64_t()>& loop) {
  std::vector<double> speeds;
  for (int i = 0; i < kStretches; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::int64_t work = loop();
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    speeds.push_back(static_cast<double>(work) / time.count());
  }
  return median(std::move(speeds));
}

double microseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

Usage usage_of_thread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return {microseconds(CLOCK_MONOTONIC), microseconds(CLOCK_THREAD_CPUTIME_ID), usage.ru_nivcsw};
}

class Rounds {
 public:
  Rounds(std::span<const Subject> subjects, int runs, const Machine& machine)
      : subjects_(subjects),
        runs_((runs + kRounds - 1) / kRounds),
        machine_(machine),
        rounds_(subjects.size()) {}

  std::vector<RoundsOfSubject> run() {
    look();
    for (int round = 0; round < kRounds; ++round) {
      for (std::size_t s = 0; s < subjects_.size(); ++s) rounds_[s].push_back(time(s));
    }
    for (int pass = 0; pass < kMostRepeats && any_disturbed(); ++pass) {
      machine_.settle();
      look();
      for (int round = 0; round < kRounds; ++round) {
        for (std::size_t s = 0; s < subjects_.size(); ++s) {
          Round& old = rounds_[s][static_cast<std::size_t>(round)];
          if (!is_disturbed(old, best_speed_)) continue;
          Round again = time(s);
          if (!is_disturbed(again, best_speed_)) old = std::move(again);
        }
      }
    }
    std::vector<RoundsOfSubject> results;
    for (std::vector<Round>& rounds : rounds_) results.push_back(chosen(std::move(rounds)));
    return results;
  }

 private:
  void look() {
    speed_ = machine_.speed();
    best_speed_ = std::max(best_speed_, speed_);
  }

  Round time(std::size_t subject) {
    throw_if_interrupted();
    const double speed_before = speed_;
    const Usage before = machine_.usage();
    Round round{.times = subjects_[subject](runs_)};
    const Usage after = machine_.usage();
    look();
    round.speed = std::min(speed_before, speed_);
    round.share = (after.cpu_us - before.cpu_us) / std::max(after.wall_us - before.wall_us, 1e-3);
    round.switches = after.switches - before.switches;
    return round;
  }

  bool any_disturbed() const {
    return std::ranges::any_of(rounds_, [&](const std::vector<Round>& rounds) {
      return std::ranges::any_of(
          rounds, [&](const Round& round) { return is_disturbed(round, best_speed_); });
    });
  }

  RoundsOfSubject chosen(std::vector<Round> rounds) const {
    const auto disturbed = [&](const Round& round) { return is_disturbed(round, best_speed_); };
    if (2 * std::ranges::count_if(rounds, disturbed) > std::ssize(rounds)) {
      return {std::move(rounds), true};
    }
    std::erase_if(rounds, disturbed);
    return {std::move(rounds), false};
  }

  std::span<const Subject> subjects_;
  int runs_;  // of a round
  const Machine& machine_;
  std::vector<std::vector<Round>> rounds_;  // of each subject
  double speed_ = 0, best_speed_ = 0;       // of the loop, when it was last run and at its best
};

}  // namespace

bool is_disturbed(const Round& round, double best_speed) {
  const long most_switches =
      std::max<long>(static_cast<long>(round.times.size()) / kRunsPerSwitch, 1);
  return round.speed < kLeastSpeed * best_speed || round.share < kLeastShare ||
         round.switches > most_switches;
}

std::vector<RoundsOfSubject> time_in_rounds(std::span<const Subject> subjects, int runs,
                                            const Machine& machine) {
  return Rounds(subjects, runs, machine).run();
}

Machine this_machine() {
  const runtime::Kernels& kernels = runtime::find_kernels("");
  const auto peak = kernels.peak_float;
  return {.speed =
              [peak] {
                if (peak == nullptr) return work_per_ns(chain);
                return work_per_ns([peak] { return peak(kPeakRounds); });
              },
          .usage = usage_of_thread,
          .settle = [] { std::this_thread::sleep_for(kPause); }};
}

}  // namespace edgeproof::targets
