#include "targets/quiet_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace edgeproof::targets {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

// A machine whose clock is ours: a run takes what the subject takes at the speed of the moment.
// disturb(i) says what the i-th round that is timed meets, repeats counted on.
class FakeMachine {
 public:
  struct Moment {
    double speed = 1;   // of the core
    double share = 1;   // of its time that the thread gets
    long switches = 0;  // off the core
  };

  std::function<Moment(int round)> moment = [](int) { return Moment{}; };
  int rounds = 0, settled = 0;
  std::vector<int> order;  // which subject each round was of

  Machine machine() {
    return {.speed = [this] { return 10 * moment(rounds).speed; },
            .usage = [this] { return now_; },
            .settle = [this] { ++settled; }};
  }

  Subject subject(int number, double us) {
    return [this, number, us](int runs) {
      const Moment on = moment(rounds++);
      order.push_back(number);
      const double took = us / on.speed / on.share;
      now_.wall_us += took * runs;
      now_.cpu_us += took * on.share * runs;
      now_.switches += on.switches;
      return std::vector<double>(static_cast<std::size_t>(runs), took);
    };
  }

  std::vector<RoundsOfSubject> time(const std::vector<double>& us, int runs = 1000) {
    std::vector<Subject> subjects;
    for (std::size_t i = 0; i < us.size(); ++i) {
      subjects.push_back(subject(static_cast<int>(i), us[i]));
    }
    return time_in_rounds(subjects, runs, machine());
  }

 private:
  Usage now_;
};

std::vector<double> times_of(const RoundsOfSubject& timed) {
  std::vector<double> times;
  for (const Round& round : timed.rounds) {
    times.insert(times.end(), round.times.begin(), round.times.end());
  }
  return times;
}

TEST(QuietRounds, SubjectsTakeTurnsAndNothingIsRepeatedOnAnIdleMachine) {
  FakeMachine fake;
  const auto timed = fake.time({5, 7});
  ASSERT_THAT(timed, SizeIs(2));
  EXPECT_THAT(times_of(timed[0]), AllOf(SizeIs(1000), Each(5)));
  EXPECT_THAT(times_of(timed[1]), AllOf(SizeIs(1000), Each(7)));
  EXPECT_FALSE(timed[0].disturbed || timed[1].disturbed);
  EXPECT_EQ(fake.rounds, 2 * kRounds);
  EXPECT_EQ(fake.settled, 0);
  EXPECT_THAT(std::vector(fake.order.begin(), fake.order.begin() + 4), ElementsAre(0, 1, 0, 1));
}

TEST(QuietRounds, RoundsOnASlowCoreAreRepeated) {
  FakeMachine fake;
  fake.moment = [](int round) { return FakeMachine::Moment{.speed = round < 12 ? 0.6 : 1}; };
  const auto timed = fake.time({5, 7});
  EXPECT_THAT(times_of(timed[0]), AllOf(SizeIs(1000), Each(5)));
  EXPECT_THAT(times_of(timed[1]), AllOf(SizeIs(1000), Each(7)));
  EXPECT_FALSE(timed[0].disturbed || timed[1].disturbed);
  EXPECT_EQ(fake.settled, 1);
}

TEST(QuietRounds, AThreadThatWaitsForItsCoreIsDisturbed) {
  FakeMachine fake;
  fake.moment = [](int round) { return FakeMachine::Moment{.share = round % 2 == 0 ? 0.9 : 1}; };
  const auto timed = fake.time({5});
  EXPECT_THAT(times_of(timed[0]), Each(5));
  EXPECT_FALSE(timed[0].disturbed);
}

TEST(QuietRounds, OneSwitchInARoundIsNoDisturbanceAndManyAre) {
  FakeMachine fake;
  fake.moment = [](int) { return FakeMachine::Moment{.switches = 1}; };
  EXPECT_FALSE(fake.time({5})[0].disturbed);
  EXPECT_EQ(fake.rounds, kRounds);
  fake.moment = [](int) { return FakeMachine::Moment{.switches = 3}; };
  EXPECT_TRUE(fake.time({5})[0].disturbed);
  EXPECT_FALSE(fake.time({5}, 2000)[0].disturbed);  // 3 in 200 runs
}

TEST(QuietRounds, WhatStaysDisturbedIsMarkedAndRepeatedABoundedNumberOfTimes) {
  FakeMachine fake;
  // Quiet once at the start, so that the core's best is known.
  fake.moment = [](int round) { return FakeMachine::Moment{.speed = round == 0 ? 1 : 0.6}; };
  const auto timed = fake.time({6, 6});
  EXPECT_TRUE(timed[0].disturbed);
  EXPECT_TRUE(timed[1].disturbed);
  EXPECT_THAT(timed[1].rounds, SizeIs(kRounds));
  EXPECT_EQ(fake.settled, kMostRepeats);
  EXPECT_LE(fake.rounds, 2 * kRounds * (1 + kMostRepeats));
}

TEST(QuietRounds, TheBestSpeedMayComeLast) {
  FakeMachine fake;
  fake.moment = [](int round) { return FakeMachine::Moment{.speed = round < kRounds ? 0.6 : 1}; };
  const auto timed = fake.time({6});
  // Nothing was odd until the loop was faster after the last round: then all of them are repeated.
  EXPECT_THAT(times_of(timed[0]), Each(6));
  EXPECT_FALSE(timed[0].disturbed);
}

TEST(QuietRounds, HalfOfTheRoundsAreEnough) {
  FakeMachine fake;
  fake.moment = [](int round) {
    return FakeMachine::Moment{.share = round < kRounds / 2 ? 1 : 0.5};
  };
  const auto timed = fake.time({5});
  EXPECT_FALSE(timed[0].disturbed);
  EXPECT_THAT(timed[0].rounds, SizeIs(kRounds / 2));
  EXPECT_THAT(times_of(timed[0]), Each(5));
  fake.moment = [](int) { return FakeMachine::Moment{.share = 0.5}; };
  EXPECT_TRUE(fake.time({5})[0].disturbed);
}

TEST(QuietRounds, EqualProgramsAreEqualThoughTheMachineWasBusyForOneOfThem) {
  FakeMachine fake;
  fake.moment = [](int round) {
    return FakeMachine::Moment{.speed = round < 2 * kRounds && round % 2 == 1 ? 0.67 : 1};
  };
  const auto timed = fake.time({6.3, 6.3});
  EXPECT_EQ(times_of(timed[0]), times_of(timed[1]));
  EXPECT_FALSE(timed[1].disturbed);
}

TEST(QuietRounds, ThisMachineHasAClockThatRuns) {
  const Machine machine = this_machine();
  const Usage before = machine.usage();
  EXPECT_GT(machine.speed(), 0);
  const Usage after = machine.usage();
  EXPECT_GT(after.wall_us, before.wall_us);
  EXPECT_GT(after.cpu_us, before.cpu_us);
  EXPECT_GE(after.switches, before.switches);
}

}  // namespace
}  // namespace edgeproof::targets
