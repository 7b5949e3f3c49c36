// Test: search_test.cpp, src/cli/search_test.sh.

#include "engine/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/text.h"
#include "engine/plan.h"
#include "engine/ranks.h"
#include "engine/robustness.h"
#include "engine/steps.h"
#include "experiment/budget.h"
#include "experiment/config_file.h"
#include "experiment/data.h"
#include "experiment/search_strategy.h"
#include "experiment/start.h"
#include "formats/onnx.h"
#include "runtime/plan.h"
#include "signal/pipeline.h"
#include "targets/host_latency.h"

namespace edgeproof::engine {
namespace {

constexpr int kTogether = 4;  // candidates of a strategy that are proposed at once
constexpr int kLatencyRuns = 500;

// "qat(faults=true)" with weight_bits: "qat(faults=true, weight_bits=8 conv1:4)".
std::string with_bits(const std::string& step, const std::string& bits) {
  if (!step.ends_with(')')) return fmt::format("{}(weight_bits={})", step, bits);
  return fmt::format("{}, weight_bits={})", step.substr(0, step.size() - 1), bits);
}

class Search {
 public:
  Search(const experiment::Materials& m, const SearchBudget& budget, int threads)
      : m_(m),
        config_(m.config.search),
        budget_(budget),
        threads_(threads),
        seed_(m.config.seeds.front()),
        epochs_(experiment::budgets_of(m.config, std::ssize(m.dataset.train)).search.epochs),
        base_(experiment::parse_recipe(config_.base)),
        finish_(experiment::parse_recipe_for_model(config_.finish)),
        space_(initial_layers(m, base_)),
        problem_{space_.sizes(),
                 [this](const experiment::Genome& genome) { return fits(genome); }} {
    check();
  }

  void run(store::Store& store) {
    store_ = &store;
    for (const store::SearchTrial& trial : store.trials()) trials_[trial.strategy].push_back(trial);
    network_ = base_network();
    const RobustnessTest test(m_, m_.dataset.validation, config_.windows, threads_);
    test_ = &test;
    const std::vector<experiment::Genome> uniform = uniform_genomes();
    const int shared =
        std::min(config_.population - static_cast<int>(uniform.size()), config_.trials);
    Progress progress("search", 2 * config_.trials - shared + static_cast<int>(uniform.size()));
    if (trials_["uniform"].empty()) try_all({{"uniform", uniform}}, progress);
    for (bool any = true; any;) {
      std::map<std::string, std::vector<experiment::Genome>> proposed;
      for (const char* strategy : {"nsga2", "random"}) {
        auto genomes = propose(strategy);
        if (!genomes.empty()) proposed[strategy] = std::move(genomes);
      }
      any = !proposed.empty();
      if (any) try_all(proposed, progress);
    }
  }

  // The study of what was found.
  experiment::Config study() const {
    experiment::Config study = m_.config;
    study.claims.clear();  // of variants that are not in it
    study.recipes["base"] = base_.text();
    study.recipes["base_int8"] = recipe_text(space_.uniform(8, 8));
    const store::SearchTrial& found = best("nsga2");
    study.recipes["uniform"] = best("uniform").recipe;
    study.recipes["random_search"] = best("random").recipe;
    study.recipes["found"] = found.recipe;
    study.variants = {"fp32", "base", "base_int8", "uniform", "random_search", "found"};
    study.against = {{"base_int8", "base"},
                     {"uniform", "base_int8"},
                     {"random_search", "uniform"},
                     {"found", "random_search"}};
    const store::SearchTrial* half = nullptr;
    for (const store::SearchTrial& trial : trials_.at("nsga2")) {
      if (2 * trial.weight_bytes > found.weight_bytes) continue;
      if (half == nullptr || better(trial, *half)) half = &trial;
    }
    if (half != nullptr) {
      study.recipes["found_half"] = half->recipe;
      study.variants.emplace_back("found_half");
      study.against["found_half"] = "found";
    }
    return study;
  }

 private:
  // Everything that can fail, before anything is trained.
  void check() const {
    if (m_.network != nullptr) experiment::check_pretrained(base_);
    if (m_.dataset.validation.empty()) {
      fail(ErrorCode::bad_config,
           "a search chooses on the validation part, which is empty: give 'validation_groups' or a "
           "'validation_fraction' above 0 in [split]");
    }
    if (base_.is_integer()) {
      fail(ErrorCode::bad_config,
           "'base' in [search] is '{}', expected a recipe of an FP32 network", base_.text());
    }
    if (!finish_.is_integer()) {
      fail(ErrorCode::bad_config, "'finish' in [search] is '{}', expected qat or ptq at its end",
           finish_.text());
    }
    for (const experiment::Recipe* recipe : {&base_, &finish_}) {
      for (const experiment::RecipeStep& step : recipe->steps) {
        check_step(m_, step);
        if (!step.teachers.empty()) {
          fail(ErrorCode::unsupported, "recipe '{}' in [search]: teachers are not supported there",
               recipe->text());
        }
      }
    }
    if (finish_.texts.back().find("weight_bits") != std::string::npos) {
      fail(ErrorCode::bad_config, "'finish' in [search] has weight_bits, which the search chooses");
    }
    const experiment::Genome smallest = space_.uniform(1, 2);
    if (!fits(smallest)) {
      const experiment::SearchCost cost = space_.cost(smallest);
      fail(ErrorCode::bad_config,
           "no network fits the budget of {}: the smallest takes {} bytes of flash, {} bytes of "
           "RAM, {} MACs",
           budget_.text(), cost.weight_bytes, cost.arena_bytes, cost.macs);
    }
    for (const char* name :
         {"base", "base_int8", "uniform", "random_search", "found", "found_half"}) {
      if (m_.config.recipes.contains(name)) {
        fail(ErrorCode::bad_config, "[recipes] has '{}', a name that a search gives", name);
      }
    }
  }

  bool fits(const experiment::Genome& genome) const {
    if (!budget_.allows(space_.cost(genome))) return false;
    if (!budget_.latency_us) return true;
    const auto known = fits_latency_.find(genome);
    if (known != fits_latency_.end()) return known->second;
    const runtime::Plan plan(space_.shape(genome));
    const std::vector<float> window(plan.input_size(), 0.5F);
    const double us = targets::measure_host_latency(plan, window, kLatencyRuns).median_us;
    return fits_latency_[genome] = us <= *budget_.latency_us;
  }

  // The trained network that all candidates are made from.
  graph::Graph base_network() {
    const std::string name = base_.text();
    // Pruning after the last training is in it, so that it is no job of a study's.
    const store::Job job{{store::JobKind::training, name, seed_},
                         "base " + key_of_network(m_, base_, base_.steps.size(), seed_)};
    store_->set_plan({job});
    if (!store_->has(job)) {
      graph::Graph network = initial_network(m_, base_, seed_);
      int epochs = 0;
      for (const experiment::RecipeStep& step : base_.steps)
        epochs += step.trains() ? epochs_of(m_, step) : 0;
      Progress progress("train", epochs);
      train::TrainResult last;
      for (const experiment::RecipeStep& step : base_.steps) {
        if (step.trains()) {
          last = train_step(m_, step, seed_, network, {}, [&](const train::EpochLog& log) {
            progress.step(
                fmt::format("{}: epoch {}, loss {:.3f}", name, log.epoch, log.train_loss));
          });
          network = last.graph;
        } else {
          network = prune_step(m_, step, network, seed_);
        }
      }
      store_->put(std::vector<store::Finished>{
          {job, store::TrainedModel{formats::to_onnx({network, {}}), last.best_epoch, last.log}}});
    }
    return graph_of_training(store_->trained(name, seed_).onnx, name, seed_);
  }

  std::string recipe_text(const experiment::Genome& genome) const {
    std::vector<std::string> texts = finish_.texts;
    texts.back() = with_bits(texts.back(), space_.bits_text(genome));
    const bool whole = genome == space_.uniform(8, 8);
    return fmt::format(
        "{} > {}{}", base_.text(),
        whole ? "" : fmt::format("prune(importance=taylor, keep={}) > ", space_.keep_text(genome)),
        join(texts, " > "));
  }

  // For each number of bits the largest network of uniform shares that fits.
  std::vector<experiment::Genome> uniform_genomes() const {
    std::vector<experiment::Genome> genomes;
    for (const int bits : {2, 4, 8}) {
      for (int eighths = 8; eighths > 0; --eighths) {
        if (!fits(space_.uniform(eighths, bits))) continue;
        genomes.push_back(space_.uniform(eighths, bits));
        break;
      }
    }
    return genomes;
  }

  std::vector<experiment::Genome> propose(const std::string& strategy) {
    std::vector<experiment::Scored> done;  // uniform ones are there for both to start from
    for (const std::string& source : {std::string("uniform"), strategy}) {
      for (const store::SearchTrial& trial : trials_[source]) {
        done.push_back({trial.genome, store::objectives_of(trial)});
      }
    }
    const int left = config_.trials - static_cast<int>(trials_[strategy].size());
    if (left <= 0) return {};
    const int count = std::min(kTogether, left);
    const auto seed = static_cast<std::uint64_t>(seed_);
    return strategy == "random"
               ? experiment::propose_random(problem_, done, count, seed)
               : experiment::propose_nsga2(problem_, done, count, config_.population, seed);
  }

  // Tries each candidate once, also if both strategies propose it or one had it before.
  void try_all(const std::map<std::string, std::vector<experiment::Genome>>& proposed,
               Progress& progress) {
    std::map<experiment::Genome, store::SearchTrial> known;
    for (const auto& [strategy, trials] : trials_) {
      for (const store::SearchTrial& trial : trials) known.emplace(trial.genome, trial);
    }
    std::set<experiment::Genome> unknown;
    for (const auto& [strategy, genomes] : proposed) {
      for (const experiment::Genome& genome : genomes) {
        if (!known.contains(genome)) unknown.insert(genome);
      }
    }
    const std::vector<experiment::Genome> todo(unknown.begin(), unknown.end());
    std::vector<store::SearchTrial> results(todo.size());
    parallel_for(static_cast<int>(todo.size()), threads_, [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      results[at] = try_candidate(todo[at]);
      progress.step(fmt::format("{} bytes, {:.1f} % under fault", results[at].weight_bytes,
                                100 * results[at].robust));
    });
    for (const store::SearchTrial& trial : results) known.emplace(trial.genome, trial);
    std::vector<store::SearchTrial> stored;
    for (const auto& [strategy, genomes] : proposed) {
      for (const experiment::Genome& genome : genomes) {
        store::SearchTrial trial = known.at(genome);
        trial.strategy = strategy;
        trial.number = static_cast<int>(trials_[strategy].size());
        trials_[strategy].push_back(trial);
        stored.push_back(std::move(trial));
      }
    }
    store_->put_trials(stored);
  }

  store::SearchTrial try_candidate(const experiment::Genome& genome) const {
    throw_if_interrupted();
    const experiment::Recipe recipe = experiment::parse_recipe(recipe_text(genome));
    graph::Graph graph = network_;
    for (std::size_t i = base_.steps.size(); i < recipe.steps.size(); ++i) {
      experiment::RecipeStep step = recipe.steps[i];
      step.epochs = epochs_;
      graph = apply_step(m_, step, seed_, graph, {}, [](const train::EpochLog&) {});
    }
    const experiment::SearchCost cost = space_.cost(genome);
    const Robustness accuracy = test_->of(runtime::Plan(deploy(m_, recipe, seed_, graph)), 1);
    return {"",
            0,
            genome,
            recipe.text(),
            cost.weight_bytes,
            cost.arena_bytes,
            cost.macs,
            accuracy.clean,
            accuracy.robust};
  }

  static bool better(const store::SearchTrial& a, const store::SearchTrial& b) {
    return a.robust != b.robust ? a.robust > b.robust : a.weight_bytes < b.weight_bytes;
  }
  const store::SearchTrial& best(const std::string& strategy) const {
    return *std::ranges::min_element(trials_.at(strategy), better);
  }

  const experiment::Materials& m_;
  const experiment::SearchConfig& config_;
  const SearchBudget& budget_;
  store::Store* store_ = nullptr;
  int threads_;
  std::int64_t seed_;
  int epochs_;  // of each training of a candidate
  experiment::Recipe base_, finish_;
  experiment::SearchSpace space_;
  experiment::SearchProblem problem_;
  mutable std::map<experiment::Genome, bool> fits_latency_;
  graph::Graph network_;
  const RobustnessTest* test_ = nullptr;
  std::map<std::string, std::vector<store::SearchTrial>> trials_;  // by strategy
};

void claim(store::Store& store, const std::filesystem::path& output, const std::string& config,
           const std::string& budget, const std::string& checksum, const experiment::Start& start) {
  std::map<std::string, std::string> facts{
      {"config", config}, {"budget", budget}, {"data_checksum", checksum}};
  facts.insert(start.facts.begin(), start.facts.end());
  if (!store.fact("config")) store.set_facts(facts);
  for (const auto& [key, value] : facts) {
    if (store.fact(key) == value) continue;
    fail(ErrorCode::bad_config, "{}: holds a search with another {}; choose another folder with -o",
         output.string(),
         key == "data_checksum"      ? "data set"
         : start.facts.contains(key) ? "model file"
                                     : key);
  }
}

}  // namespace

bool SearchBudget::allows(const experiment::SearchCost& cost) const {
  return (!flash_bytes || cost.weight_bytes <= *flash_bytes) &&
         (!ram_bytes || cost.arena_bytes <= *ram_bytes) && (!macs || cost.macs <= *macs);
}

std::string SearchBudget::text() const {
  std::vector<std::string> parts;
  if (flash_bytes) parts.push_back(fmt::format("{} bytes of flash", *flash_bytes));
  if (ram_bytes) parts.push_back(fmt::format("{} bytes of RAM", *ram_bytes));
  if (macs) parts.push_back(fmt::format("{} MACs", *macs));
  if (latency_us) parts.push_back(fmt::format("{} us on this machine", *latency_us));
  return parts.empty() ? "no limit" : "at most " + join(parts, ", ");
}

experiment::Config search(const experiment::Config& config, const SearchBudget& budget,
                          const RunOptions& options) {
  if (started_as_rank()) {
    fail(ErrorCode::unsupported, "a search runs in one process, not under mpirun or srun");
  }
  const signal::Dataset dataset = experiment::load_dataset(config, options.base);
  const experiment::Start start = experiment::find_start(config, dataset, options.base);
  const experiment::Materials materials{config, dataset, start.pipeline, start.trained_network()};
  Search search(materials, budget, options.threads);
  make_writable_directory(options.output);
  store::Store store(store::search_store_path(options.output));
  claim(store, options.output, experiment::to_toml(config), budget.text(), dataset.source.checksum,
        start);
  search.run(store);
  return search.study();
}

}  // namespace edgeproof::engine
