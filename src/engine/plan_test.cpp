#include "engine/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "experiment/budget.h"
#include "experiment/data.h"
#include "signal/readers/keys.h"

namespace edgeproof::engine {
namespace {

using Names = std::set<std::string>;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    config_.seeds = {1, 2};
    config_.window.hop = 512;
    config_.recipes = {{"tuned", "train > finetune(teacher=fp32) > prune > ptq"},
                       {"same", "train > ptq"}};
    config_.variants = {"fp32", "ptq_int8", "qat_int8", "fault_qat_int8", "tuned", "same"};
    config_.faults.choice = {"none", {"gaussian", "hum(hz=50)"}};
    config_.faults.severities = {1, 3};
  }

  std::vector<store::Job> plan(const experiment::Config& config) const {
    const bool same =
        config.data.settings.get(signal::kSeed) == config_.data.settings.get(signal::kSeed) &&
        config.data.settings.get(signal::kDerived) == config_.data.settings.get(signal::kDerived) &&
        config.split.seed == config_.split.seed;
    const signal::Dataset dataset = same ? dataset_ : experiment::load_dataset(config, ".");
    const signal::Pipeline pipeline{config.imputation, signal::training_statistics(dataset)};
    return plan_of({config, dataset, pipeline});
  }

  // The kinds and names of the jobs that a change of the configuration makes anew.
  Names anew(const std::function<void(experiment::Config&)>& change) const {
    std::set<std::string> before;
    for (const store::Job& job : plan(config_)) before.insert(job.key);
    experiment::Config changed = config_;
    change(changed);
    Names names;
    for (const store::Job& job : plan(changed)) {
      if (!before.contains(job.key)) {
        names.insert(std::string(store::job_kind_name(job.id.kind)) + " " + job.id.name);
      }
    }
    return names;
  }
  // The jobs of some variants, of all kinds that variants have.
  static Names all_of(const std::vector<std::string>& variants, Names names = {}) {
    for (const std::string& name : variants) {
      names.insert({"deployment " + name, "evaluation " + name, "latency " + name});
      if (name != "fp32") names.insert("diagnosis " + name);
    }
    return names;
  }

  experiment::Config config_;
  signal::Dataset dataset_ = [] {
    experiment::Config config;
    config.window.hop = 512;
    return experiment::load_dataset(config, ".");
  }();
};

TEST_F(PlanTest, JobsComeAfterWhatTheyNeedAndHaveTheirOwnNames) {
  const std::vector<store::Job> jobs = plan(config_);
  std::set<std::string> keys;
  std::set<store::JobId> ids;
  for (const store::Job& job : jobs) {
    for (const std::string& need : job.needs) EXPECT_TRUE(keys.contains(need)) << job.id.text();
    EXPECT_EQ(job.needs.empty(),
              job.id == (store::JobId{store::JobKind::training, "train", job.id.seed}));
    EXPECT_EQ(job.key.size(), 64U);
    keys.insert(job.key);
    EXPECT_TRUE(ids.insert(job.id).second) << job.id.text();
  }
  const auto count = [&](store::JobKind kind) {
    return std::ranges::count_if(jobs, [&](const store::Job& job) { return job.id.kind == kind; });
  };
  EXPECT_EQ(count(store::JobKind::training), 2 * 4);  // train, finetune, two of qat
  EXPECT_EQ(count(store::JobKind::deployment), 2 * 6);
  EXPECT_EQ(count(store::JobKind::evaluation), 2 * 6 * 5);
  EXPECT_EQ(count(store::JobKind::diagnosis), 5 * 3);
  EXPECT_EQ(count(store::JobKind::latency), 6);
}

TEST_F(PlanTest, WhatIsTheSameHasOneKey) {
  std::map<store::JobId, std::string> keys;
  for (const store::Job& job : plan(config_)) keys[job.id] = job.key;
  const auto key = [&](const std::string& name, std::int64_t seed,
                       const experiment::Condition& on) {
    return keys.at({store::JobKind::evaluation, name, seed, on});
  };
  EXPECT_EQ(key("same", 1, {}), key("ptq_int8", 1, {}));
  EXPECT_NE(key("same", 1, {}), key("same", 2, {}));
  EXPECT_NE(key("fp32", 1, {}), key("same", 1, {}));
  EXPECT_NE(key("fp32", 1, {"gaussian", 1, 0}), key("fp32", 1, {"gaussian", 3, 0}));
}

TEST_F(PlanTest, AChangeComputesAnewWhatItTouchesAndNothingElse) {
  EXPECT_EQ(anew([](experiment::Config& c) {
              c.name = "other";
              c.resamples = 100;
              c.search.trials = 3;
              c.variants = {"fp32", "qat_int8"};
              c.seeds = {1};
              c.faults.choice.list = {"noise: gaussian"};
              c.quantize.percentile = 99;  // not the method in use
              c.data.settings.set(signal::kPath, "elsewhere");
            }),
            Names());
  EXPECT_EQ(anew([](experiment::Config& c) { c.latency_runs = 3000; }),
            Names({"latency fp32", "latency ptq_int8", "latency qat_int8", "latency fault_qat_int8",
                   "latency tuned", "latency same"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.device_targets = {"cortex-m4"}; }),
            Names({"device ptq_int8", "device qat_int8", "device fault_qat_int8", "device tuned",
                   "device same"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.agreement_windows = 64; }),
            Names({"evaluation qat_int8", "evaluation fault_qat_int8"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.prune_ratio = 0.25; }), all_of({"tuned"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.quantize.windows = 100; }),
            all_of({"ptq_int8", "tuned", "same"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.fault_training.clean_share = 0.25; }),
            all_of({"fault_qat_int8"}, {"training train > qat(faults=true)"}));
  EXPECT_EQ(anew([](experiment::Config& c) { c.finetune.epochs = 3; }),
            all_of({"qat_int8", "fault_qat_int8", "tuned"},
                   {"training train > qat", "training train > qat(faults=true)",
                    "training train > finetune(teacher=fp32)"}));
  // The same lengths, named or found from the data, are the same results.
  const experiment::Budgets budgets = experiment::budgets_of(config_, std::ssize(dataset_.train));
  EXPECT_EQ(anew([&](experiment::Config& c) {
              c.train.epochs = budgets.train.epochs;
              c.train.batch_size = budgets.train.batch_size;
              c.finetune.epochs = budgets.finetune.epochs;
            }),
            Names());
  EXPECT_EQ(anew([](experiment::Config& c) { c.finetune.steps *= 2; }),
            all_of({"qat_int8", "fault_qat_int8", "tuned"},
                   {"training train > qat", "training train > qat(faults=true)",
                    "training train > finetune(teacher=fp32)"}));
  const Names everything = all_of(config_.variants, {"training train", "training train > qat",
                                                     "training train > qat(faults=true)",
                                                     "training train > finetune(teacher=fp32)"});
  EXPECT_EQ(anew([](experiment::Config& c) { c.train_steps *= 2; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.train.batch_size = 64; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.train.weight_decay = 0.5; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.augment.rotation_deg = 5; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.architecture = "ds_cnn"; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.imputation = signal::Imputation::mean; }),
            everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.split.seed = 5; }), everything);
  EXPECT_EQ(anew([](experiment::Config& c) { c.data.settings.set(signal::kSeed, 2); }), everything);
}

// How faults reach derived channels is nothing to what is clean.
TEST_F(PlanTest, AnotherFilterOfDerivedChannelsComputesAnewWhatFaultsAreIn) {
  Names names = all_of({"fault_qat_int8"}, {"training train > qat(faults=true)"});
  for (const std::string& name : config_.variants) {
    names.insert("evaluation " + name);
    if (name != "fp32") names.insert("diagnosis " + name);
  }
  const auto copy = [](experiment::Config& c) { c.data.settings.set(signal::kDerived, {"copy"}); };
  EXPECT_EQ(anew(copy), names);
  std::set<std::string> before;
  for (const store::Job& job : plan(config_)) before.insert(job.key);
  experiment::Config changed = config_;
  copy(changed);
  for (const store::Job& job : plan(changed)) {
    const bool clean = job.id.condition() == experiment::Condition{};
    const bool evaluates = job.id.kind == store::JobKind::evaluation;
    if (evaluates && clean) {
      EXPECT_EQ(before.contains(job.key), job.id.name != "fault_qat_int8") << job.id.text();
    }
  }
}

TEST_F(PlanTest, OfFaultsOnlyThoseThatChangedAreShownAnew) {
  const auto shown_anew = [&](const std::function<void(experiment::Config&)>& change) {
    std::set<std::string> before;
    for (const store::Job& job : plan(config_)) before.insert(job.key);
    experiment::Config changed = config_;
    change(changed);
    std::set<experiment::Condition> conditions;
    for (const store::Job& job : plan(changed)) {
      if (before.contains(job.key)) continue;
      EXPECT_TRUE(job.id.kind == store::JobKind::evaluation ||
                  job.id.kind == store::JobKind::diagnosis);
      if (job.id.kind == store::JobKind::evaluation) conditions.insert(job.id.condition());
    }
    return conditions;
  };
  using Conditions = std::set<experiment::Condition>;
  EXPECT_EQ(shown_anew([](experiment::Config& c) { c.faults.choice.list[1] = "hum(hz=60)"; }),
            (Conditions{{"hum(hz=60)", 1, 0}, {"hum(hz=60)", 3, 0}}));
  EXPECT_EQ(shown_anew([](experiment::Config& c) {
              c.faults.severities = {1, 2};
            }),
            (Conditions{{"gaussian", 2, 0}, {"hum(hz=50)", 2, 0}}));
  EXPECT_EQ(shown_anew([](experiment::Config& c) { c.faults.realizations = 2; }).size(), 4U);
  EXPECT_EQ(shown_anew([](experiment::Config& c) { c.faults.seed = 7; }).size(),
            4U);  // clean is not drawn
  EXPECT_EQ(shown_anew([](experiment::Config& c) {
              c.faults.choice.list[0] = "gaussian(sd=0.15|0.2|0.3)";
            }).size(),
            2U);
}

}  // namespace
}  // namespace edgeproof::engine
