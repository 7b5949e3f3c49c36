#include "store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "core/error.h"
#include "core/files.h"
#include "core/host.h"
#include "core/temp_folder.h"

namespace edgeproof::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class StoreTest : public testing::Test {
 protected:
  fs::path file() const { return folder_ / "study.db"; }
  TempFolder folder_;
};

TEST_F(StoreTest, WhatIsPutIsThereAfterReopening) {
  const experiment::Condition fault{"drift", 3, 1};
  const Job training{{JobKind::training, "qat", 2}, "t"};
  const Job deployment{{JobKind::deployment, "qat_int8", 2}, "d"};
  const Job evaluation{{JobKind::evaluation, "qat_int8", 2, fault}, "e"};
  const Job latency{{JobKind::latency, "qat_int8", 2}, "l"};
  const Job device{{JobKind::device, "qat_int8", 2, OnDevice{"cortex-m4"}}, "c"};
  const Job diagnosis{{JobKind::diagnosis, "qat_int8", 2, experiment::Condition{"drift", 3, 0}},
                      "s"};
  {
    Store store(file());
    store.set_study({.config = "text",
                     .claims = {},
                     .metadata = {{"edgeproof.labels", "a, b"}},
                     .data_name = "d",
                     .data_checksum = "0123",
                     .rate_hz = 12.5,
                     .channels = {"y (g)", "x (g)"},
                     .test_windows = 3,
                     .version = "1",
                     .not_applicable = {{"rotation", "no three-axis sensor"}}},
                    {{0, 1, 1}, {4, 4, 5}, {"a", "b"}},
                    {training, deployment, evaluation, latency, diagnosis, device});
    store.put(std::vector<Finished>{
        {training, TrainedModel{std::string("\0onnx", 5), 3, {{1, 0.5, 0.25, 0.75}}}},
        {deployment, DeployedModel{"bytes", 10, 20, 15, 30, {"input", "conv"}}},
        {evaluation, Evaluation{{0, 1, 0}, 0.1, {1, 2}, {3, 4}, 2, 0.75, Agreement{2, 3}}},
        {device, DeviceCost{1LL << 40, 2, 3, 4}},
        {latency, Latency{4.5, 6.5, 1000, true}}});
    compress::Diagnosis d{.windows = 7, .output_db = INFINITY, .agreement = 0.75, .blamed = 1};
    d.layers = {{.name = "input", .op = "input", .sqnr_db = 30, .alone_db = 28, .weight_db = NAN},
                {.name = "conv",
                 .op = "conv1d",
                 .sqnr_db = INFINITY,
                 .alone_db = NAN,
                 .alone_agreement = 0.5,
                 .clip_rate = 0.1,
                 .seen = {-1, 2.5F},
                 .representable = {-2, 1.5F},
                 .weight_db = 40,
                 .weights = {-0.25F, 0.1F},
                 .scale_spread = 3}};
    store.put(std::vector<Finished>{{diagnosis, d}});
  }
  const Store store = Store::open_existing(file());
  EXPECT_EQ(store.fact("config"), "text");
  EXPECT_EQ(store.fact("other"), std::nullopt);
  const auto facts = store.facts();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->metadata.at("edgeproof.labels"), "a, b");
  EXPECT_EQ(facts->rate_hz, 12.5);
  EXPECT_EQ(facts->channels, (std::vector<std::string>{"y (g)", "x (g)"}));
  EXPECT_EQ(facts->test_windows, 3);
  ASSERT_EQ(facts->not_applicable.size(), 1U);
  EXPECT_EQ(facts->not_applicable[0].reason, "no three-axis sensor");
  EXPECT_EQ(store.test_set().labels, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(store.test_set().classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(store.has(training));
  EXPECT_FALSE(store.has({training.id, "d"}));
  ASSERT_EQ(store.plan().size(), 6U);
  EXPECT_EQ(store.plan()[2].id, evaluation.id);
  EXPECT_EQ(store.plan()[5].id, device.id);
  const TrainedModel trained = store.trained("qat", 2);
  EXPECT_EQ(trained.onnx.size(), 5U);
  EXPECT_EQ(trained.log.front().validation_accuracy, 0.75);
  const DeployedModel deployed = store.deployed("qat_int8", 2);
  EXPECT_EQ(deployed.onnx, "bytes");
  EXPECT_EQ(deployed.macs, 10);
  EXPECT_EQ(deployed.weight_bytes, 20);
  EXPECT_EQ(deployed.coded_weight_bytes, 15);
  EXPECT_EQ(deployed.arena_bytes, 30);
  EXPECT_EQ(deployed.nodes.back(), "conv");
  EXPECT_THROW(store.evaluation("qat_int8", 2, {"drift", 3, 0}), Error);
  const Evaluation e = store.evaluation("qat_int8", 2, fault);
  EXPECT_EQ(e.labels, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(e.values, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(e.correct, 2);
  EXPECT_EQ(e.macro_f1, 0.75);
  EXPECT_EQ(e.agreement->same, 2);
  EXPECT_EQ(store.agreement("qat_int8", 2, fault)->windows, 3);
  EXPECT_EQ(store.latency("qat_int8")->runs, 1000);
  EXPECT_TRUE(store.latency("qat_int8")->disturbed);
  EXPECT_EQ(store.device_cost("qat_int8", "cortex-m4")->instructions, 1LL << 40);
  EXPECT_FALSE(store.device_cost("qat_int8", "cortex-m7"));
  EXPECT_FALSE(store.diagnosis("qat_int8", {}));
  const auto d = store.diagnosis("qat_int8", {"drift", 3, 0});
  ASSERT_TRUE(d && d->layers.size() == 2);
  EXPECT_EQ(d->windows, 7);
  EXPECT_EQ(d->output_db, INFINITY);
  EXPECT_EQ(d->agreement, 0.75);
  EXPECT_EQ(d->blamed, 1);
  EXPECT_TRUE(std::isnan(d->layers[0].weight_db));
  const compress::LayerDiagnosis& layer = d->layers[1];
  EXPECT_EQ(layer.name + layer.op, "convconv1d");
  EXPECT_EQ(layer.sqnr_db, INFINITY);
  EXPECT_TRUE(std::isnan(layer.alone_db));
  EXPECT_EQ(layer.alone_agreement, 0.5);
  EXPECT_EQ(layer.clip_rate, 0.1);
  EXPECT_EQ(layer.seen.max, 2.5F);
  EXPECT_EQ(layer.representable.min, -2);
  EXPECT_EQ(layer.weight_db, 40);
  EXPECT_EQ(layer.weights.max, 0.1F);
  EXPECT_EQ(layer.scale_spread, 3);
}

// Results of an earlier plan are not shown, and come back with it.
TEST_F(StoreTest, ResultsAreReadThroughThePlan) {
  Store store(file());
  const JobId id{JobKind::latency, "fp32", 1};
  const auto plan_and_put = [&](const std::string& key, double us) {
    store.set_plan({{id, key}});
    if (us > 0) store.put(std::vector<Finished>{{{id, key}, Latency{us, us, 1000}}});
  };
  plan_and_put("a", 1);
  plan_and_put("b", 0);
  EXPECT_FALSE(store.latency("fp32"));
  plan_and_put("b", 2);
  EXPECT_EQ(store.latency("fp32")->median_us, 2);
  plan_and_put("a", 3);  // it is there already: the first one stays
  EXPECT_EQ(store.latency("fp32")->median_us, 1);
  EXPECT_EQ(Store::open_existing(file()).latency("fp32")->median_us, 1);
}

TEST_F(StoreTest, PruningFreesWhatThePlanDoesNotName) {
  const JobId id{JobKind::deployment, "fp32", 1};
  const DeployedModel large{std::string(1 << 20, 'x'), 1, 2, 3, 4, {"input"}};
  for (const char* key : {"old", "new"}) {
    Store store(file());
    store.set_plan({{id, key}});
    store.put(std::vector<Finished>{{{id, key}, large, 1.0}});
  }
  Store store(file());
  const Unused unused = store.unused();
  EXPECT_EQ(unused.results, (std::map<JobKind, std::int64_t>{{JobKind::deployment, 1}}));
  EXPECT_GT(unused.bytes, 1 << 20);
  EXPECT_LT(unused.bytes, (1 << 20) + 200);
  const auto before = fs::file_size(file());
  EXPECT_EQ(store.prune().bytes, unused.bytes);
  EXPECT_LT(fs::file_size(file()) + (1 << 19), before);
  EXPECT_TRUE(store.unused().results.empty());
  EXPECT_EQ(store.deployed("fp32", 1).onnx, large.onnx);
  store.set_plan({{id, "old"}});
  EXPECT_FALSE(store.has({id, "old"}));
}

TEST_F(StoreTest, NothingIsPrunedWhileAProcessIsAtWork) {
  Store store(file());
  store.set_running({.key = "a", .host = host_name(), .process = process_id()});
  EXPECT_THAT([&] { store.prune(); }, ThrowsMessage<Error>(HasSubstr("is at work")));
}

// One that was opened before another made its plan the current one keeps to its own.
TEST_F(StoreTest, TwoMayWriteAtOnce) {
  Store a(file()), b(file());
  const JobId id{JobKind::latency, "fp32", 1};
  a.set_plan({{id, "a"}});
  b.set_plan({{id, "b"}});
  a.put(std::vector<Finished>{{{id, "a"}, Latency{1, 1, 1000}}});
  b.put(std::vector<Finished>{{{id, "b"}, Latency{2, 2, 1000}}});
  b.put(std::vector<Finished>{{{id, "a"}, Latency{3, 3, 1000}}});
  EXPECT_EQ(a.latency("fp32")->median_us, 1);
  EXPECT_EQ(b.latency("fp32")->median_us, 2);
  EXPECT_EQ(Store::open_existing(file()).latency("fp32")->median_us, 2);
}

TEST_F(StoreTest, ManyMayMakeTheFileAtOnce) {
  for (int round = 0; round < 20; ++round) {
    const TempFolder folder;
    std::atomic<int> opened{0};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
          try {
            Store store(folder / "study.db");
            const Job job{{JobKind::latency, "fp32", t}, std::to_string(t)};
            store.put(std::vector<Finished>{{job, Latency{1, 1, 1000}}});
            ++opened;
          } catch (const Error& error) {
            ADD_FAILURE() << error.what();
          }
        });
      }
    }
    ASSERT_EQ(opened, 8);
  }
}

TEST_F(StoreTest, ErrorsNameTheFile) {
  const auto message = [&](auto action) -> std::string {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message([&] { Store::open_existing(file()); }).find("study.db"), std::string::npos);
  write_file(file(), "this is no database, but a text that is long enough to have a header");
  EXPECT_NE(message([&] { Store::open_existing(file()); }).find("study.db"), std::string::npos);
  EXPECT_NE(message([&] { Store store(file()); }).find("study.db"), std::string::npos);
  EXPECT_NE(message([&] { Store store(folder_ / "no" / "study.db"); }).find("no/study.db"),
            std::string::npos);
}

TEST_F(StoreTest, OfAnotherVersionIsRefused) {
  { Store store(file()); }
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 3");
  EXPECT_THAT([&] { Store store(file()); },
              ThrowsMessage<Error>(HasSubstr("result store of version 3, expected 6: ")));
  EXPECT_THAT([&] { Store::open_existing(file()); },
              ThrowsMessage<Error>(HasSubstr("result store of version 3, expected 6: ")));
}

TEST_F(StoreTest, WhatIsMissingIsNamed) {
  Store store(file());
  EXPECT_THROW(store.trained("base", 1), Error);
  EXPECT_THROW(store.deployed("fp32", 1), Error);
  EXPECT_THROW(store.evaluation("fp32", 1, {}), Error);
}

}  // namespace
}  // namespace edgeproof::store
