#pragma once

// Timing on a machine that others use, too: subjects are timed in rounds that take turns, so that
// all of them see the same machine, and rounds that were disturbed are found out and repeated.
//
// Beside the runs a round has what the core could do before and after it (a loop of known work) and
// how it was treated by the scheduler. It was disturbed if
//
// - the loop ran slower, before or after, than kLeastSpeed of its best in this measurement: another
//   program on the same core or its sibling, or a lower clock; or
// - its thread had the core for less than kLeastShare of the time; or
// - it was put off the core against its will more often than once in kRunsPerSwitch runs, and more
//   than once.
//
// A machine that is equally busy all the while looks like a slower one: it is not found out.
//
// The functions are pure but for the machine and the subjects that they are given.

#include <functional>
#include <span>
#include <vector>

namespace edgeproof::targets {

inline constexpr double kLeastSpeed = 0.93;
inline constexpr double kLeastShare = 0.95;
inline constexpr int kRunsPerSwitch = 50;
inline constexpr int kRounds = 10;      // of each subject
inline constexpr int kMostRepeats = 3;  // passes over the rounds that were disturbed

// What a thread has used so far.
struct Usage {
  double wall_us = 0, cpu_us = 0;
  long switches = 0;  // off its core, against its will
};

// What a measurement asks of the machine, so that tests need none.
struct Machine {
  std::function<double()> speed;  // of the loop, in any unit: more is faster
  std::function<Usage()> usage;   // of the calling thread
  std::function<void()> settle;   // before a pass of repeats: waits, and may change the core
};

// Times so many runs of what is measured, after some that warm up: microseconds of each.
using Subject = std::function<std::vector<double>(int runs)>;

struct Round {
  std::vector<double> times;  // microseconds, one a run
  double speed = 0;           // of the loop: the lower one of before and after
  double share = 1;           // of the time that the thread had the core
  long switches = 0;
};

bool is_disturbed(const Round& round, double best_speed);

struct RoundsOfSubject {
  std::vector<Round> rounds;  // those that count: quiet ones if they are half of all, else all
  bool disturbed = false;     // fewer than half were quiet, after all repeats
};

// `runs` of each subject in all, in kRounds rounds; one result for each subject.
std::vector<RoundsOfSubject> time_in_rounds(std::span<const Subject> subjects, int runs,
                                            const Machine& machine);

// The calling thread on this machine. The loop is that of measure_peak_gmacs(), or a chain of
// integer operations if the instruction set has none.
Machine this_machine();

}  // namespace edgeproof::targets
