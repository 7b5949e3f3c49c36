#include "store/status.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/host.h"
#include "core/temp_folder.h"
#include "store/store_testing.h"

namespace edgeproof::store {
namespace {

using testing::HasSubstr;

class StatusTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(StatusTest, TimesComeFromJobsOfTheNameOrElseOfTheKind) {
  const std::vector<Timed> timed{{JobKind::training, "train", 20, 40},
                                 {JobKind::training, "train > qat", 10, 60},
                                 {JobKind::deployment, "fp32", 1, 3}};
  const auto seconds = [&](JobKind kind, const std::string& name, double cost) {
    return estimated_seconds({.id = {kind, name, 1}, .key = "", .cost = cost}, timed);
  };
  EXPECT_EQ(seconds(JobKind::training, "train", 10), 20);
  EXPECT_EQ(seconds(JobKind::training, "train > finetune", 3), 10);  // 100 s for 30
  EXPECT_EQ(seconds(JobKind::deployment, "qat_int8", 1), 3);
  EXPECT_EQ(seconds(JobKind::latency, "fp32", 1), std::nullopt);
}

TEST_F(StatusTest, CountsWhatIsDoneAndWhatIsLeft) {
  Store store(folder_ / "study.db");
  const Job a{{JobKind::training, "train", 1}, "a", {}, 10},
      b{{JobKind::training, "train", 2}, "b", {}, 10};
  const Job same{{JobKind::training, "again", 2}, "b", {}, 10},
      d{{JobKind::deployment, "fp32", 1}, "d"};
  store.set_plan({a, b, same, d});
  Status status = status_of(store.plan(), &store, 0);
  EXPECT_EQ(status.kinds[0].total, 2);
  EXPECT_EQ(status.kinds[0].unknown, 2);
  EXPECT_EQ(status.seconds_left(1), std::nullopt);
  store.put(std::vector<Finished>{{a, TrainedModel{"x", 1, {}}, 30}});
  store.put(std::vector<Finished>{{{{JobKind::deployment, "fp32", 9}, "e"}, DeployedModel{}, 4}});
  store.set_running({"b", host_name(), process_id(), 2, 1, 100, 0.25});
  store.set_running({"b", host_name(), 999999999, 1, 1, 100, 0.5});  // no such process
  status = status_of(Store::open_existing(folder_ / "study.db").plan(), &store, 110);
  EXPECT_EQ(status.kinds[0].done, 1);
  EXPECT_EQ(status.kinds[0].seconds_left, 0.75 * 30);
  EXPECT_EQ(status.seconds_left(2), (0.75 * 30 + 4) / 2);
  ASSERT_EQ(status.running.size(), 1U);
  EXPECT_EQ(status.running[0].text, "training of train seed 2");
  EXPECT_EQ(status.running[0].seconds_left, 30);
  EXPECT_EQ(status.threads, 2);
  EXPECT_FALSE(status.finished());
  store.put(std::vector<Finished>{{b, TrainedModel{"x", 1, {}}, 30}, {d, DeployedModel{}, 1}});
  store.end_running({"b", host_name(), process_id()});
  status = status_of(store.plan(), &store, 110);
  EXPECT_TRUE(status.finished());
  EXPECT_TRUE(status.running.empty());
}

TEST_F(StatusTest, ExportsHaveARowForEachEvaluation) {
  const Store store = finished_study(folder_ / "study.db");
  const std::string csv = export_csv(store);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 2 * 26);
  EXPECT_THAT(csv, HasSubstr("\nfp32,2,drift,3,0,12,0.75,0.5,0.1,0.25,\n"));
  EXPECT_THAT(csv, HasSubstr("\nqat_int8,1,drift,5,0,12,1.0,1.0,0.1,0.0,0.045454545454545456\n"));
  const auto rows = nlohmann::json::parse(export_json(store));
  ASSERT_EQ(rows.size(), 2U * 2 * 26);
  EXPECT_TRUE(rows[0]["clip_rate"].is_null());
  EXPECT_EQ(rows[0]["severity"], 0);
}

}  // namespace
}  // namespace edgeproof::store
