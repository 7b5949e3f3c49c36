#include "experiment/search_strategy.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/random.h"

namespace edgeproof::experiment {
namespace {

constexpr int kMostTries = 200;  // for a candidate that is new

bool dominates(const Objectives& a, const Objectives& b) {
  return a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
}

struct Rank {
  int front = 0;
  double crowding = 0;
  bool better_than(const Rank& other) const {
    return front != other.front ? front < other.front : crowding > other.crowding;
  }
};

void add_crowding(std::span<const Scored> all, std::vector<std::size_t> members,
                  std::vector<Rank>& ranks) {
  for (const std::size_t objective : {0, 1}) {
    const auto value = [&](std::size_t i) { return all[i].objectives[objective]; };
    std::ranges::stable_sort(members, {}, value);
    const double width = value(members.back()) - value(members.front());
    for (std::size_t m = 0; m < members.size(); ++m) {
      double& crowding = ranks[members[m]].crowding;
      if (m == 0 || m + 1 == members.size()) {
        crowding = std::numeric_limits<double>::infinity();
      } else if (width > 0) {
        crowding += (value(members[m + 1]) - value(members[m - 1])) / width;
      }
    }
  }
}

std::vector<Rank> ranks_of(std::span<const Scored> all) {
  std::vector<Rank> ranks(all.size());
  std::vector<std::size_t> left(all.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  for (int front = 0; !left.empty(); ++front) {
    std::vector<std::size_t> members, rest;
    for (const std::size_t i : left) {
      const bool beaten = std::ranges::any_of(
          left, [&](std::size_t j) { return dominates(all[j].objectives, all[i].objectives); });
      (beaten ? rest : members).push_back(i);
    }
    for (const std::size_t i : members) ranks[i].front = front;
    add_crowding(all, members, ranks);
    left = std::move(rest);
  }
  return ranks;
}

// The next candidates that `draw(number)` makes and that nobody had.
template <typename Draw>
std::vector<Genome> new_ones(std::span<const Scored> done, int count, Draw draw) {
  std::set<Genome> known;
  for (const Scored& trial : done) known.insert(trial.genome);
  std::vector<Genome> chosen;
  const auto first = static_cast<std::uint32_t>(done.size()) * kMostTries;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count * kMostTries); ++i) {
    if (static_cast<int>(chosen.size()) == count) break;
    Genome genome = draw(first + i);
    if (known.insert(genome).second) chosen.push_back(std::move(genome));
  }
  return chosen;
}

}  // namespace

Genome made_to_fit(const SearchProblem& problem, Genome genome, std::uint64_t seed,
                   std::uint32_t draw) {
  const CounterRng rng(seed, "search: made to fit");
  for (std::uint32_t step = 0; !problem.fits(genome); ++step) {
    std::vector<std::size_t> shrinkable;
    for (std::size_t g = 0; g < genome.size(); ++g) {
      if (genome[g] > 0) shrinkable.push_back(g);
    }
    if (shrinkable.empty()) {
      fail(ErrorCode::bad_config, "search: not even the smallest network fits the budget");
    }
    const double u = rng.uniform(draw, step);
    --genome[shrinkable[static_cast<std::size_t>(u * static_cast<double>(shrinkable.size()))]];
  }
  return genome;
}

std::vector<Genome> propose_random(const SearchProblem& problem, std::span<const Scored> done,
                                   int count, std::uint64_t seed) {
  const CounterRng rng(seed, "search: random genomes");
  return new_ones(done, count, [&](std::uint32_t draw) {
    Genome genome;
    for (std::uint32_t g = 0; g < problem.sizes.size(); ++g) {
      genome.push_back(static_cast<int>(rng.uniform(draw, g) * problem.sizes[g]));
    }
    return made_to_fit(problem, std::move(genome), seed, draw);
  });
}

std::vector<Genome> propose_nsga2(const SearchProblem& problem, std::span<const Scored> done,
                                  int count, int population, std::uint64_t seed) {
  if (static_cast<int>(done.size()) < population) {
    const int missing = population - static_cast<int>(done.size());
    return propose_random(problem, done, std::min(count, missing), seed);
  }
  const std::vector<Rank> ranks = ranks_of(done);
  std::vector<std::size_t> parents(done.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  std::ranges::stable_sort(
      parents, [&](std::size_t a, std::size_t b) { return ranks[a].better_than(ranks[b]); });
  parents.resize(static_cast<std::size_t>(population));
  const CounterRng rng(seed, "search: nsga2");
  return new_ones(done, count, [&](std::uint32_t draw) {
    const auto parent = [&](std::uint32_t which) -> const Genome& {
      // Sorted from best to worst: the smaller place wins.
      const auto place = [&](std::uint32_t i) {
        return static_cast<std::size_t>(rng.uniform(draw, 0, which, i) * population);
      };
      return done[parents[std::min(place(0), place(1))]].genome;
    };
    const Genome &a = parent(0), &b = parent(1);
    Genome child;
    for (std::uint32_t g = 0; g < a.size(); ++g) {
      int gene = rng.uniform(draw, 1, g) < 0.5 ? a[g] : b[g];
      const double u = rng.uniform(draw, 2, g) * static_cast<double>(a.size());
      if (u < 1) gene += u < 0.5 ? -1 : 1;
      child.push_back(std::clamp(gene, 0, problem.sizes[g] - 1));
    }
    return made_to_fit(problem, std::move(child), seed, draw);
  });
}

std::vector<std::size_t> pareto_front(std::span<const Objectives> all) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < all.size() && !beaten; ++j) {
      beaten = dominates(all[j], all[i]) || (j < i && all[j] == all[i]);
    }
    if (!beaten) front.push_back(i);
  }
  std::ranges::stable_sort(front, {}, [&](std::size_t i) { return all[i][1]; });
  return front;
}

double hypervolume(std::span<const Objectives> all, const Objectives& reference) {
  double area = 0, last = reference[0];
  for (const std::size_t i : pareto_front(all)) {
    const double width = last - std::min(all[i][0], last);
    area += width * std::max(0.0, reference[1] - all[i][1]);
    last -= width;
  }
  return area;
}

}  // namespace edgeproof::experiment
