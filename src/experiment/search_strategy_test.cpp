#include "experiment/search_strategy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "core/error.h"

namespace edgeproof::experiment {
namespace {

using testing::ElementsAre;

int sum(const Genome& genome) {
  return std::accumulate(genome.begin(), genome.end(), 0);
}

SearchProblem within(int most) {
  return {std::vector<int>(8, 6), [most](const Genome& g) { return sum(g) <= most; }};
}

// An error that each gene lowers, the first ones most; against the genome's size.
Objectives judge(const Genome& genome) {
  double error = 0;
  for (std::size_t g = 0; g < genome.size(); ++g) {
    error += std::exp(-genome[g] / 2.0) / static_cast<double>(1 + g * g);
  }
  return {error, static_cast<double>(sum(genome))};
}

template <typename Propose>
std::vector<Scored> run(int trials, Propose propose) {
  std::vector<Scored> done;
  while (static_cast<int>(done.size()) < trials) {
    const auto proposed = propose(done);
    if (proposed.empty()) break;
    for (const Genome& genome : proposed) done.push_back({genome, judge(genome)});
  }
  return done;
}

double area(const std::vector<Scored>& done) {
  std::vector<Objectives> all;
  for (const Scored& trial : done) all.push_back(trial.objectives);
  return hypervolume(all, {2, 40});
}

TEST(SearchStrategy, CandidatesFitAndAreNew) {
  const SearchProblem problem = within(20);
  for (const bool random : {true, false}) {
    const auto done = run(60, [&](const auto& so_far) {
      return random ? propose_random(problem, so_far, 4, 1)
                    : propose_nsga2(problem, so_far, 4, 12, 1);
    });
    std::set<Genome> seen;
    for (const Scored& trial : done) {
      EXPECT_LE(sum(trial.genome), 20);
      EXPECT_TRUE(seen.insert(trial.genome).second);
      for (const int gene : trial.genome) {
        EXPECT_GE(gene, 0);
        EXPECT_LT(gene, 6);
      }
    }
    EXPECT_EQ(seen.size(), 60U);
  }
}

TEST(SearchStrategy, GoesOnAsIfItHadNotBeenStopped) {
  const SearchProblem problem = within(20);
  const auto propose = [&](const auto& so_far) { return propose_nsga2(problem, so_far, 4, 12, 7); };
  const auto whole = run(40, propose);
  const std::vector<Scored> first(whole.begin(), whole.begin() + 24);
  EXPECT_EQ(propose(first).front(), whole[24].genome);
}

TEST(SearchStrategy, Nsga2BeatsRandomSearchOnTheSameNumberOfTrials) {
  const SearchProblem problem = within(30);
  int wins = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto random =
        run(80, [&](const auto& done) { return propose_random(problem, done, 4, seed); });
    const auto nsga2 =
        run(80, [&](const auto& done) { return propose_nsga2(problem, done, 4, 16, seed); });
    for (int i = 0; i < 16; ++i) EXPECT_EQ(random[i].genome, nsga2[i].genome);
    wins += area(nsga2) > area(random);
  }
  EXPECT_GE(wins, 8);
}

TEST(SearchStrategy, ASmallSpaceIsExhausted) {
  const SearchProblem problem{{2, 2}, [](const Genome&) { return true; }};
  const auto done =
      run(100, [&](const auto& so_far) { return propose_nsga2(problem, so_far, 3, 4, 1); });
  EXPECT_EQ(done.size(), 4U);
}

TEST(SearchStrategy, ABudgetThatNothingFitsIsAnError) {
  const SearchProblem problem{{3, 3}, [](const Genome&) { return false; }};
  EXPECT_THROW(propose_random(problem, {}, 1, 1), Error);
}

TEST(SearchStrategy, ParetoFrontByHand) {
  const std::vector<Objectives> all{{1, 5}, {2, 3}, {3, 3}, {2, 3}, {4, 1}, {5, 5}};
  EXPECT_THAT(pareto_front(all), ElementsAre(4, 1, 0));
  // To the corner (6, 6): 2 x 5 above {4, 1}, 2 x 3 above {2, 3}, 1 x 1 above {1, 5}.
  EXPECT_DOUBLE_EQ(hypervolume(all, {6, 6}), 10 + 6 + 1);
  EXPECT_DOUBLE_EQ(hypervolume(all, {0, 0}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({}, {6, 6}), 0);
}

}  // namespace
}  // namespace edgeproof::experiment
