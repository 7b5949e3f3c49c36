#include "study/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "core/files.h"

namespace edgeproof::study {
namespace {

namespace fs = std::filesystem;

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
    store.put_deployed("qat_int8", 2, {"bytes", 10, 20, 30, {"input", "conv"}});
    store.put_evaluations(fault,
                          {{"qat_int8", 2, {{0, 1, 0}, 0.1, {1, 2}, {3, 4}}, Agreement{2, 3}}});
    store.put_latency("qat_int8", {4.5, 6.5, 1000});
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
  EXPECT_EQ(store.deployed("qat_int8", 2).nodes.back(), "conv");
  EXPECT_TRUE(store.has_evaluation("qat_int8", 2, fault));
  EXPECT_FALSE(store.has_evaluation("qat_int8", 2, {"drift", 3, 0}));
  const Evaluation e = store.evaluation("qat_int8", 2, fault);
  EXPECT_EQ(e.labels, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(e.values, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(store.agreement("qat_int8", 2, fault)->same, 2);
  EXPECT_EQ(store.latency("qat_int8")->runs, 1000);
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

TEST_F(StoreTest, WhatIsMissingIsNamed) {
  Store store(file());
  EXPECT_THROW(store.trained("base", 1), Error);
  EXPECT_THROW(store.deployed("fp32", 1), Error);
  EXPECT_THROW(store.evaluation("fp32", 1, {}), Error);
}

}  // namespace
}  // namespace edgeproof::study
