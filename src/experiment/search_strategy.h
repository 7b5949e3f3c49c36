#pragma once

// Which candidate to try next, knowing those tried so far.
//
// A candidate is a genome: a small number per gene, larger ones costing more. Every strategy is a
// pure function of the trials done and a seed, so that a search that was stopped goes on as if it
// had not been, and candidates proposed together can be tried side by side.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace edgeproof::experiment {

using Genome = std::vector<int>;
using Objectives = std::array<double, 2>;  // both to be small

struct SearchProblem {
  std::vector<int> sizes;  // per gene: its values are 0 to size - 1
  // Whether it fits the budget. If a genome does, so do all with smaller genes.
  std::function<bool(const Genome&)> fits;
};

struct Scored {
  Genome genome;
  Objectives objectives;
};

// A genome that does not fit is made to: random genes go down by one until it does. Error
// bad_config if not even the smallest one fits.
Genome made_to_fit(const SearchProblem& problem, Genome genome, std::uint64_t seed,
                   std::uint32_t draw);

// `count` different genomes that are not among `done`; fewer if none are found any more.
//
// Random search: every gene uniform, made to fit.
std::vector<Genome> propose_random(const SearchProblem& problem, std::span<const Scored> done,
                                   int count, std::uint64_t seed);

// NSGA-II (Deb et al. 2002): the first `population` candidates are those of random search; then
// parents are chosen among the best `population` of all done (by front, then by crowding distance)
// in tournaments of two, crossed gene by gene, and each gene moves by one step with probability
// 1 / genes. Children are made to fit.
std::vector<Genome> propose_nsga2(const SearchProblem& problem, std::span<const Scored> done,
                                  int count, int population, std::uint64_t seed);

// Indices of those that no other one beats in one objective without being worse in the other, by
// ascending second objective; of equals the first.
std::vector<std::size_t> pareto_front(std::span<const Objectives> all);

// The area that the front dominates, up to `reference`.
double hypervolume(std::span<const Objectives> all, const Objectives& reference);

}  // namespace edgeproof::experiment
