#include "study/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "core/error.h"
#include "core/files.h"

namespace edgeproof::study {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class StoreTest : public testing::Test {
 protected:
  StoreTest() : folder_(fs::temp_directory_path() / fmt::format("edgeproof-store-{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~StoreTest() override { fs::remove_all(folder_); }
  fs::path file() const { return folder_ / "study.db"; }
  fs::path folder_;
};

TEST_F(StoreTest, WhatIsPutIsThereAfterReopening) {
  const Condition fault{"drift", 3, 1};
  {
    Store store(file());
    store.set_facts({{"config", "text"}});
    store.put_test_set({{0, 1, 1}, {4, 4, 5}, {"a", "b"}});
    store.put_trained("qat", 2, {std::string("\0onnx", 5), 3, {{1, 0.5, 0.25, 0.75}}});
    store.put_deployed("qat_int8", 2, {"bytes", 10, 20, 15, 30, {"input", "conv"}});
    store.put_evaluations(fault,
                          {{"qat_int8", 2, {{0, 1, 0}, 0.1, {1, 2}, {3, 4}}, Agreement{2, 3}}});
    store.put_latency("qat_int8", {4.5, 6.5, 1000});
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
    store.put_diagnoses({"drift", 3, 0}, {{"qat_int8", d}});
  }
  const Store store = Store::open_existing(file());
  EXPECT_EQ(store.fact("config"), "text");
  EXPECT_EQ(store.fact("other"), std::nullopt);
  EXPECT_EQ(store.test_set().labels, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(store.test_set().classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(store.has_trained("qat", 2));
  EXPECT_FALSE(store.has_trained("qat", 3));
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
  EXPECT_TRUE(store.has_evaluation("qat_int8", 2, fault));
  EXPECT_FALSE(store.has_evaluation("qat_int8", 2, {"drift", 3, 0}));
  const Evaluation e = store.evaluation("qat_int8", 2, fault);
  EXPECT_EQ(e.labels, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(e.values, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(store.agreement("qat_int8", 2, fault)->same, 2);
  EXPECT_EQ(store.latency("qat_int8")->runs, 1000);
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
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 2");
  EXPECT_THAT([&] { Store store(file()); },
              ThrowsMessage<Error>(HasSubstr("result store of version 2, expected 3")));
  EXPECT_THAT([&] { Store::open_existing(file()); },
              ThrowsMessage<Error>(HasSubstr("result store of version 2, expected 3")));
}

TEST_F(StoreTest, WhatIsMissingIsNamed) {
  Store store(file());
  EXPECT_THROW(store.trained("base", 1), Error);
  EXPECT_THROW(store.deployed("fp32", 1), Error);
  EXPECT_THROW(store.evaluation("fp32", 1, {}), Error);
}

}  // namespace
}  // namespace edgeproof::study
