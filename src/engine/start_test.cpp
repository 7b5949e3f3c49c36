#include "experiment/start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "engine/models.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "experiment/data.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "signal/signal_testing.h"

namespace edgeproof::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A data set of generated motion, and a network for it in a folder of its own.
class StartTest : public testing::Test {
 protected:
  StartTest() {
    config_.seeds = {1, 2};
    config_.window.hop = 512;
    config_.finetune.epochs = 1;
    config_.onnx = "mine.onnx";
    dataset_ = experiment::load_dataset(config_, {});
    network_ = network(9, 6);
    deployment_ = {.window_length = 128,
                   .hop = 1,
                   .rate_hz = 50,
                   .channels = dataset_.source.channels,
                   .pipeline = {signal::Imputation::hold,
                                {std::vector<float>(9, 0.25F), std::vector<float>(9, 2.0F)}},
                   .labels = dataset_.source.classes,
                   .provenance = {}};
  }

  static graph::Graph network(int channels, int classes) {
    return graph::with_random_parameters(graph::build("ds_cnn", {{128, channels}, classes}), 1);
  }
  void write(const std::map<std::string, std::string>& metadata) const {
    write_file(folder_.path() / "mine.onnx", formats::to_onnx({network_, metadata}));
  }
  void write() const { write(formats::to_metadata(deployment_)); }
  experiment::Start start() const {
    return experiment::find_start(config_, dataset_, folder_.path());
  }
  std::string error() const {
    try {
      (void)start();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("'onnx' in [model]: "));
      return error.what();
    }
    return "no error";
  }
  std::string error_of_written() const {
    write();
    return error();
  }

  TempFolder folder_;
  experiment::Config config_;
  signal::Dataset dataset_;
  graph::Graph network_;
  formats::Deployment deployment_;
};

TEST_F(StartTest, StatisticsAreTheModels) {
  write();
  const experiment::Start start = this->start();
  EXPECT_TRUE(start.has_statistics);
  EXPECT_EQ(start.pipeline.statistics.mean, deployment_.pipeline.statistics.mean);
  EXPECT_EQ(start.pipeline.statistics.sd, deployment_.pipeline.statistics.sd);
  EXPECT_EQ(start.facts.at("model_checksum"), sha256_of_file(folder_.path() / "mine.onnx"));
  ASSERT_TRUE(start.network);
  EXPECT_EQ(formats::to_onnx({*start.network, {}}), formats::to_onnx({network_, {}}));
}

TEST_F(StartTest, WithoutAPipelineStatisticsAreTheTrainingWindows) {
  write({{"author", "somebody"}});
  const experiment::Start start = this->start();
  EXPECT_FALSE(start.has_statistics);
  EXPECT_EQ(start.pipeline.statistics.mean, signal::training_statistics(dataset_).mean);
  const std::string before = start.facts.at("network_checksum");
  network_ = graph::with_random_parameters(network_, 2);
  write({});
  EXPECT_NE(this->start().facts.at("network_checksum"), before);
}

TEST_F(StartTest, WithoutAFileItIsTheZoos) {
  config_.onnx.clear();
  const experiment::Start start = this->start();
  EXPECT_EQ(start.trained_network(), nullptr);
  EXPECT_TRUE(start.facts.empty());
  EXPECT_EQ(start.pipeline.statistics.sd, signal::training_statistics(dataset_).sd);
}

TEST_F(StartTest, WhatDoesNotFitIsAnError) {
  EXPECT_THAT(error(), HasSubstr("mine.onnx"));
  write_file(folder_.path() / "mine.onnx", "no model");
  EXPECT_THAT(error(), HasSubstr("mine.onnx"));

  network_ = network(8, 6);
  write({});
  EXPECT_THAT(error(), AllOf(HasSubstr("takes windows of 128 samples x 8 channels"),
                             HasSubstr("the study's are 128 x 9")));
  network_ = network(9, 5);
  write({});
  EXPECT_THAT(error(), HasSubstr("has 5 outputs, the data has 6 classes"));
}

TEST_F(StartTest, APipelineThatIsNotTheStudysIsAnError) {
  const formats::Deployment good = deployment_;
  EXPECT_EQ(error_of_written(), "no error");
  std::swap(deployment_.channels[0], deployment_.channels[1]);
  EXPECT_THAT(error_of_written(),
              AllOf(HasSubstr("the model's channels are body_acc_y, body_acc_x"),
                    HasSubstr("the same in another order")));
  deployment_ = good;
  deployment_.channels[0].unit = "m/s2";
  EXPECT_THAT(error_of_written(), HasSubstr("'body_acc_x' in m/s2, the data has it in g"));
  deployment_ = good;
  std::swap(deployment_.labels[0], deployment_.labels[1]);
  EXPECT_THAT(error_of_written(), AllOf(HasSubstr("labels"), HasSubstr("another order")));
  deployment_.labels[0] = "swimming";
  EXPECT_THAT(error_of_written(), AllOf(HasSubstr("swimming"), Not(HasSubstr("another order"))));
  deployment_ = good;
  deployment_.rate_hz = 100;
  EXPECT_THAT(error_of_written(), HasSubstr("100 samples a second, the data has 50"));
  deployment_ = good;
  deployment_.pipeline.imputation = signal::Imputation::mean;
  EXPECT_THAT(error_of_written(), HasSubstr("the model's imputation is 'mean'"));
}

// fp32 is the network as it is, on every seed; what follows is trained and quantized from it.
TEST_F(StartTest, TrainTakesTheNetworkAsItIs) {
  write();
  config_.recipes = {{"tuned", "train > finetune(teacher=fp32) > prune > ptq"}};
  config_.variants = {"fp32", "ptq_int8", "qat_int8", "tuned"};
  const experiment::Start start = this->start();
  const experiment::Materials materials{config_, dataset_, start.pipeline, start.trained_network()};
  check_models(materials);
  store::Store store(folder_.path() / "study.db");
  std::vector<store::Job> plan = plan_of(materials);
  std::erase_if(plan,
                [](const store::Job& job) { return job.id.kind > store::JobKind::deployment; });
  store.set_plan(plan);
  run_plan(materials, store, 1);
  const std::string weights = formats::to_onnx({network_, {}});
  for (const int seed : {1, 2}) {
    EXPECT_EQ(store.trained("train", seed).onnx, weights);
    EXPECT_TRUE(store.trained("train", seed).log.empty());
  }
  EXPECT_NE(store.trained("train > qat", 1).onnx, store.trained("train > qat", 2).onnx);
  EXPECT_EQ(formats::from_metadata(metadata_of(materials), "ptq_int8").pipeline.statistics.sd,
            deployment_.pipeline.statistics.sd);
  EXPECT_LT(store.deployed("tuned", 1).macs, store.deployed("fp32", 1).macs);
}

}  // namespace
}  // namespace edgeproof::engine
