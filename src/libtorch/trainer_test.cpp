#include "libtorch/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

#include "compress/quantize.h"
#include "compress/sparsify.h"
#include "core/error.h"
#include "core/random.h"
#include "graph/fold.h"
#include "graph/zoo.h"
#include "train/initialize.h"

namespace edgeproof::libtorch {
namespace {

using namespace train;  // what is trained, and how

// Two classes: a slow or a fast oscillation of random phase, in noise. No linear model separates
// them.
signal::WindowSet oscillations(int count, std::uint64_t seed) {
  signal::WindowSet set{count, 32, 1, {}, {}, {}};
  const CounterRng rng(seed, "oscillations");
  for (int i = 0; i < count; ++i) {
    const int label = i % 2;
    const double phase = 6.28 * rng.uniform(i, 0);
    for (int t = 0; t < 32; ++t) {
      const double angle = (label == 0 ? 0.4 : 1.1) * t + phase;
      set.values.push_back(static_cast<float>(std::sin(angle) + 0.3 * rng.normal(i, 1, t)));
    }
    set.labels.push_back(label);
    set.groups.push_back(0);
  }
  return set;
}

class Trainer : public testing::Test {
 protected:
  TrainResult run(TrainOptions options, std::uint64_t seed = 1) const {
    options.seed = seed;
    return run_training(
        initialized(graph::cnn({{32, 1}, 2}), seed),
        [this](int) -> const signal::WindowSet& { return train_; }, validation_, options);
  }
  static double accuracy(const TrainResult& result, const signal::WindowSet& set, bool fake_quant) {
    const auto labels = predict_labels(result.graph, set, fake_quant);
    int right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) right += labels[i] == set.labels[i];
    return static_cast<double>(right) / set.count;
  }
  static const std::vector<float>& weights_of(const TrainResult& result) {
    return std::get<graph::FloatWeights>(*graph::weights_of(result.graph.nodes[1].op)).values;
  }

  signal::WindowSet train_ = oscillations(256, 1), validation_ = oscillations(64, 2),
                    test_ = oscillations(256, 3);
};

TEST_F(Trainer, LearnsWhatNoLinearModelCan) {
  for (const auto schedule : {Schedule::cosine, Schedule::one_cycle}) {
    const auto result = run({.epochs = 6, .batch_size = 32, .schedule = schedule});
    EXPECT_GT(accuracy(result, test_, false), 0.97);
    EXPECT_EQ(result.log.size(), 6U);
  }
}

TEST_F(Trainer, QuantizationAwareTrainingLearnsItToo) {
  const auto result = run({.epochs = 6, .batch_size = 32, .quantization_aware = true});
  EXPECT_GT(accuracy(result, test_, true), 0.97);
  EXPECT_TRUE(result.graph.nodes.front().quantization.has_value());
}

TEST_F(Trainer, TheSameSeedGivesTheSameBitsOnAnyThread) {
  const TrainOptions options{.epochs = 2, .batch_size = 32};
  const auto here = run(options);
  TrainResult a, b;
  std::thread first([&] { a = run(options); });
  std::thread second([&] { b = run(options); });
  first.join();
  second.join();
  EXPECT_EQ(weights_of(here), weights_of(a));
  EXPECT_EQ(weights_of(here), weights_of(b));
  EXPECT_NE(weights_of(here), weights_of(run(options, 2)));
}

TEST_F(Trainer, KeepsTheBestEpochOnValidation) {
  const auto result = run({.epochs = 5, .batch_size = 32});
  double best = 0;
  for (const EpochLog& epoch : result.log) best = std::max(best, epoch.validation_accuracy);
  EXPECT_EQ(result.log[static_cast<std::size_t>(result.best_epoch) - 1].validation_accuracy, best);
  EXPECT_EQ(accuracy(result, validation_, false), best);
}

TEST_F(Trainer, OfEpochsAsAccurateKeepsTheOneOfTheLowestLoss) {
  validation_ = oscillations(10, 2);
  const auto result = run({.epochs = 12, .batch_size = 32});
  const EpochLog& kept = result.log[static_cast<std::size_t>(result.best_epoch) - 1];
  int ties = 0;
  for (const EpochLog& epoch : result.log) {
    if (epoch.validation_accuracy != kept.validation_accuracy) continue;
    ++ties;
    EXPECT_GE(epoch.validation_loss, kept.validation_loss) << epoch.epoch;
  }
  EXPECT_GT(ties, 1);
}

TEST_F(Trainer, ALossThatExplodesIsAnError) {
  train_.values[5] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(run({.epochs = 1, .batch_size = 32}), Error);
}

TEST_F(Trainer, BalancedClassesWeighTheRareOneMore) {
  // Labels that the windows tell nothing about, one in eight of class 1: the mean predicted share
  // of class 1 is near 1/8 without weights and near 1/2 with them.
  for (std::size_t i = 0; i < train_.labels.size(); ++i) train_.labels[i] = i % 8 == 0;
  const auto validation_loss = [&](bool balance) {
    validation_.labels.assign(validation_.labels.size(), 0);  // its loss: -log P(class 0)
    return run({.epochs = 4, .batch_size = 32, .label_smoothing = 0, .balance_classes = balance})
        .log.back()
        .validation_loss;
  };
  EXPECT_GT(validation_loss(true), validation_loss(false) + 0.2);
}

TEST_F(Trainer, BalancedClassesAndLabelSmoothingLeaveTheFrequentClassItsLabel) {
  // One window in 33 is of class 1; its weight times the smoothed share is more than the weight of
  // class 0, which must not make it the better answer to windows of class 0.
  signal::WindowSet rare{0, 32, 1, {}, {}, {}};
  for (int i = 0; i < train_.count; ++i) {
    if (train_.labels[i] == 1 && i % 64 != 1) continue;
    const auto window = train_.window(i);
    rare.values.insert(rare.values.end(), window.begin(), window.end());
    rare.labels.push_back(train_.labels[i]);
    rare.groups.push_back(0);
    ++rare.count;
  }
  train_ = rare;
  const TrainResult result =
      run({.epochs = 10, .batch_size = 32, .label_smoothing = 0.1, .balance_classes = true});
  const auto labels = predict_labels(result.graph, test_, false);
  int right = 0;
  for (std::size_t i = 0; i < labels.size(); i += 2) right += labels[i] == 0;
  EXPECT_GT(right, 0.8 * test_.count / 2);
}

TEST_F(Trainer, TheLastEpochIsKeptIfAskedForOrIfNothingValidates) {
  TrainOptions options{.epochs = 4, .keep = Keep::last};
  const TrainResult last = run(options);
  EXPECT_EQ(last.best_epoch, 4);
  EXPECT_FALSE(std::isnan(last.log.back().validation_accuracy));
  options.seed = 1;
  const TrainResult alone = run_training(
      initialized(graph::cnn({{32, 1}, 2}), 1),
      [this](int) -> const signal::WindowSet& { return train_; }, {}, options);
  EXPECT_EQ(alone.best_epoch, 4);
  EXPECT_TRUE(std::isnan(alone.log.back().validation_accuracy));
  EXPECT_EQ(alone.log.back().train_loss, last.log.back().train_loss);
  EXPECT_EQ(predict_labels(alone.graph, validation_, false),
            predict_labels(last.graph, validation_, false));
}

// Whatever the quantizer, in FP32 and in the integers made from it; without it they fill up.
TEST_F(Trainer, WeightsThatAreZeroStaySoIfAsked) {
  const graph::Graph start =
      compress::sparsify(initialized(graph::cnn({{32, 1}, 2}), 1), {.ratio = 0.7});
  const auto zeros_left = [&](const graph::Graph& graph) {
    std::size_t zeros = 0, left = 0;
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const auto* weights = graph::weights_of(graph.nodes[n].op);
      if (weights == nullptr) continue;
      const auto& before = std::get<graph::FloatWeights>(*graph::weights_of(start.nodes[n].op));
      const auto& after = std::get<graph::FloatWeights>(*weights);
      for (std::size_t i = 0; i < after.values.size(); ++i) {
        zeros += before.values[i] == 0;
        left += before.values[i] == 0 && after.values[i] == 0;
        if (before.values[i] != 0) {
          EXPECT_NE(after.values[i], before.values[i]);
        }
      }
    }
    return static_cast<double>(left) / static_cast<double>(zeros);
  };
  const auto trained = [&](TrainOptions options) {
    options.epochs = 2;
    return run_training(
               start, [this](int) -> const signal::WindowSet& { return train_; }, validation_,
               options)
        .graph;
  };
  EXPECT_LT(zeros_left(trained({})), 0.1);
  EXPECT_EQ(zeros_left(trained({.keep_zeros = true})), 1);
  for (const auto kind : {Quantizer::ema, Quantizer::lsq, Quantizer::pact}) {
    const graph::Graph graph = trained({.average_epochs = 0,
                                        .keep_zeros = true,
                                        .quantization_aware = true,
                                        .quantizer = {.kind = kind, .weight_bits = 4}});
    EXPECT_EQ(zeros_left(graph), 1);
    std::size_t zeros = 0, count = 0;
    for (const graph::Node& node : compress::quantize(graph).nodes) {
      const auto* weights = graph::weights_of(node.op);
      if (weights == nullptr) continue;
      const auto& levels = std::get<graph::Int8Weights>(*weights).values;
      zeros += static_cast<std::size_t>(std::ranges::count(levels, 0));
      count += levels.size();
    }
    EXPECT_GE(static_cast<double>(zeros), 0.7 * static_cast<double>(count) - 1);
  }
}

// A network that gives class 0 this probability, whatever it sees.
graph::Graph constant(double probability) {
  graph::Graph graph = graph::cnn({{32, 1}, 2});
  auto& dense = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes.back().op));
  dense.bias = {static_cast<float>(std::log(probability / (1 - probability))), 0};
  return graph;
}

TEST_F(Trainer, SeveralTeachersSayTheMeanOfTheirProbabilities) {
  validation_.labels.assign(validation_.labels.size(), 0);  // its loss: -log P(class 0)
  const auto windows = [this](int) -> const signal::WindowSet& { return train_; };
  const auto probability = [&](std::vector<graph::Graph> teachers) {
    const TrainResult result =
        run_training(initialized(graph::cnn({{32, 1}, 2}), 1), windows, validation_,
                     {.epochs = 6, .batch_size = 32, .label_smoothing = 0},
                     {.distillation = Distillation{std::move(teachers), windows, /*temperature=*/1,
                                                   /*share=*/1}});
    return std::exp(-result.log.back().validation_loss);
  };
  EXPECT_NEAR(probability({constant(0.9)}), 0.9, 0.05);
  EXPECT_NEAR(probability({constant(0.9), constant(0.3)}), 0.6, 0.05);
}

TEST_F(Trainer, DivergencesAreThoseOfTheDefinition) {
  const std::vector<double> p = {0.7, 0.3}, q = {0.2, 0.8};  // teacher, student
  const auto kl = [](const std::vector<double>& a, const std::vector<double>& b) {
    return a[0] * std::log(a[0] / b[0]) + a[1] * std::log(a[1] / b[1]);
  };
  for (const auto kind : {Divergence::forward, Divergence::reverse}) {
    const auto windows = [this](int) -> const signal::WindowSet& { return train_; };
    const TrainResult result =
        run_training(constant(q[0]), windows, validation_,
                     {.epochs = 1, .batch_size = 32, .learning_rate = 1e-9, .dropout = 0},
                     {.distillation = Distillation{
                          {constant(p[0])}, windows, /*temperature=*/1, /*share=*/1, kind}});
    EXPECT_NEAR(result.log.back().train_loss, kind == Divergence::forward ? kl(p, q) : kl(q, p),
                1e-5);
  }
}

// Clean windows of zeros give both classes alike, the others, of ones, class 0 with probability p.
TEST_F(Trainer, ConsistencyAddsTheDivergenceOfWhatIsSaidOfTheTwoViews) {
  const double p = 0.8;
  graph::Graph network{"sum",
                       {{"input", graph::Input{{32, 1}}, {}}, {"logits", graph::Dense{2}, {0}}}};
  auto& dense = std::get<graph::FloatWeights>(*graph::weights_of(network.nodes[1].op));
  dense.values.assign(64, 0);
  std::fill_n(dense.values.begin(), 32, static_cast<float>(std::log(p / (1 - p)) / 32));
  dense.bias = {0, 0};
  train_.labels.assign(train_.labels.size(), 0);
  signal::WindowSet clean = train_;
  std::ranges::fill(train_.values, 1.0F);
  std::ranges::fill(clean.values, 0.0F);
  const auto loss = [&](double weight, int batch_size) {
    const auto consistency =
        Consistency{[&](int) -> const signal::WindowSet& { return clean; }, weight};
    return run_training(network, [this](int) -> const signal::WindowSet& { return train_; },
                        validation_,
                        {.epochs = 1,
                         .batch_size = batch_size,
                         .learning_rate = 1e-9,
                         .label_smoothing = 0,
                         .dropout = 0},
                        {.consistency = consistency})
        .log.back()
        .train_loss;
  };
  const auto entropy = [](double share) {
    return -share * std::log(share) - (1 - share) * std::log(1 - share);
  };
  const double labels = -(std::log(0.5) + std::log(p)) / 2;
  const double apart = entropy((0.5 + p) / 2) - (entropy(0.5) + entropy(p)) / 2;
  EXPECT_NEAR(loss(0, 32), labels, 1e-5);
  EXPECT_NEAR(loss(3, 32), labels + 3 * apart, 1e-5);
  EXPECT_NEAR(loss(3, 2), labels + 3 * apart, 1e-5);  // one window, twice
}

// Training windows ten times as large as those that ranges are calibrated on.
TEST_F(Trainer, CalibratedRangesDoNotFollowWhatTrainingSees) {
  const signal::WindowSet clean = train_;
  for (float& value : train_.values) value *= 10;
  for (const bool validates : {false, true}) {
    const TrainResult result = run_training(
        initialized(graph::cnn({{32, 1}, 2}), 1),
        [this](int) -> const signal::WindowSet& { return train_; },
        validates ? validation_ : signal::WindowSet(), {.epochs = 2, .quantization_aware = true},
        {.ranges = RangeCalibration{{}, clean}});
    const graph::Graph calibrated = compress::calibrate(result.graph, clean, {});
    const graph::Graph trained = graph::fold(result.graph);
    for (std::size_t n = 0; n < trained.nodes.size(); ++n) {
      if (graph::keeps_quantization(trained.nodes[n].op)) continue;
      EXPECT_EQ(trained.nodes[n].quantization, calibrated.nodes[n].quantization)
          << trained.nodes[n].name;
    }
  }
}

}  // namespace
}  // namespace edgeproof::libtorch
