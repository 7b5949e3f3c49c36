#include "engine/search.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/temp_folder.h"
#include "experiment/config_file.h"

namespace edgeproof::engine {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class SearchTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.seeds = {3};
    config_.window.hop = 512;
    config_.train.epochs = 1;
    config_.finetune.epochs = 1;
    config_.faults.choice = {"none", {"gaussian"}};
    config_.faults.severities = {3};
    config_.search = {
        .base = "train", .finish = "qat", .trials = 4, .epochs = 1, .population = 5, .windows = 50};
  }

  experiment::Config found(const std::string& name, const SearchBudget& budget, int threads) {
    return search(config_, budget, {folder_ / name, {}, threads});
  }
  std::vector<store::SearchTrial> trials(const std::string& name) {
    return store::Store::open_existing(store::search_store_path(folder_ / name)).trials();
  }

  experiment::Config config_;
  TempFolder folder_;
};

TEST_F(SearchTest, StaysWithinTheBudgetOnAnyThreads) {
  const SearchBudget budget{.flash_bytes = 8192, .ram_bytes = 4096};
  const experiment::Config one = found("one", budget, 1), two = found("two", budget, 2);
  EXPECT_EQ(experiment::to_toml(one), experiment::to_toml(two));
  const auto all = trials("one"), same = trials("two");
  ASSERT_EQ(all.size(), same.size());
  EXPECT_GE(all.size(), 8U + 2U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LE(all[i].weight_bytes, 8192);
    EXPECT_LE(all[i].arena_bytes, 4096);
    EXPECT_EQ(all[i].recipe, same[i].recipe);
    EXPECT_EQ(all[i].robust, same[i].robust);
    EXPECT_GT(all[i].robust, 0);
  }
  // Both begin with the same candidates, tried once.
  const auto first = [&](const std::string& strategy) {
    return std::ranges::find(all, strategy, &store::SearchTrial::strategy)->recipe;
  };
  EXPECT_EQ(first("nsga2"), first("random"));
}

TEST_F(SearchTest, GivesAStudyOfWhatWasFound) {
  const experiment::Config study = found("a", {.flash_bytes = 8192}, 2);
  EXPECT_EQ(study.recipes.at("base_int8"), "train > qat(weight_bits=8)");
  EXPECT_THAT(study.recipes.at("found"), HasSubstr("train > prune(importance=taylor, keep=conv1:"));
  double best = 0;
  std::string recipe;
  for (const store::SearchTrial& trial : trials("a")) {
    if (trial.strategy == "nsga2" && trial.robust > best) {
      best = trial.robust;
      recipe = trial.recipe;
    }
  }
  EXPECT_EQ(study.recipes.at("found"), recipe);
  (void)study.all_variants();
  // Again: nothing is left to do, and the answer is the same.
  EXPECT_EQ(experiment::to_toml(found("a", {.flash_bytes = 8192}, 1)), experiment::to_toml(study));
  EXPECT_THAT([&] { found("a", {.flash_bytes = 9000}, 1); },
              ThrowsMessage<Error>(HasSubstr("holds a search with another budget")));
}

TEST_F(SearchTest, RefusesBeforeAnythingIsWritten) {
  const auto error = [&](const SearchBudget& budget, const char* message) {
    EXPECT_THAT([&] { found("bad", budget, 1); }, ThrowsMessage<Error>(HasSubstr(message)));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "bad"));
  };
  error({.flash_bytes = 10},
        "no network fits the budget of at most 10 bytes of flash: the smallest");
  const experiment::Config good = config_;
  config_.search.finish = "finetune";
  error({}, "expected qat or ptq at its end");
  config_ = good;
  config_.search.finish = "qat(weight_bits=4)";
  error({}, "which the search chooses");
  config_ = good;
  config_.search.base = "train > qat";
  error({}, "expected a recipe of an FP32 network");
  config_ = good;
  config_.recipes["found"] = "train";
  error({}, "a name that a search gives");
  config_ = good;
  config_.split.validation_fraction = 0;
  config_.train.keep = train::Keep::last;
  error({}, "chooses on the validation part, which is empty");
}

}  // namespace
}  // namespace edgeproof::engine
