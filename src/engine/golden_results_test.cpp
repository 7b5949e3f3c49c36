// What each kind of step makes of one small data set, against what it made when its version in
// result_versions.h was last raised. A step that makes something else without a new version would
// let stores go on with results of the code before.
//
// Weights are held by sums that depend on every value and its place. FP32 sums differ in their last
// bits between instruction sets and BLAS libraries, hence the tolerances: they are far below what a
// change of the arithmetic does, and far above such bits.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compress/quantize.h"
#include "engine/diagnosis.h"
#include "engine/evaluate.h"
#include "engine/result_versions.h"
#include "engine/steps.h"
#include "experiment/data.h"
#include "graph/graph_testing.h"

namespace edgeproof::engine {
namespace {

using Numbers = std::vector<double>;

struct Golden {
  int version = 0;
  Numbers numbers;
};

// Fails with what to do: either the change is a mistake, or the version must be raised and these
// numbers replaced.
void expect_golden(const std::string& what, int version, const Numbers& found, const Golden& golden,
                   double tolerance) {
  bool same = found.size() == golden.numbers.size();
  for (std::size_t i = 0; same && i < found.size(); ++i) {
    const double size = std::max(std::abs(golden.numbers[i]), 1.0);
    same = std::abs(found[i] - golden.numbers[i]) <= tolerance * size;
  }
  const std::string now = fmt::format("{{{}, {{{}}}}}", version, fmt::join(found, ", "));
  if (version != golden.version) {
    ADD_FAILURE() << what << " has version " << version << " in result_versions.h, its numbers here"
                  << " are of version " << golden.version << "; they are now\n"
                  << now;
  } else if (!same) {
    ADD_FAILURE() << what << " makes something else than before: if that is meant, raise its "
                  << "version in result_versions.h and put its numbers here\n"
                  << now;
  }
}

// Sums over values that change with every value and its place.
template <typename T>
void add_sums(Numbers& sums, const std::vector<T>& values) {
  double plain = 0, placed = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    if (!std::isfinite(value)) continue;
    plain += std::abs(value);
    placed += value * std::cos(0.1 * static_cast<double>(i % 1000));
  }
  const double count = std::max<double>(static_cast<double>(values.size()), 1);
  sums.insert(sums.end(), {plain / count, placed / std::sqrt(count)});
}

Numbers numbers_of(const graph::Graph& graph) {
  Numbers sums{static_cast<double>(graph.nodes.size())};
  for (const graph::Node& node : graph.nodes) {
    const graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    std::visit(
        [&](const auto& w) {
          add_sums(sums, w.values);
          add_sums(sums, w.bias);
        },
        *weights);
  }
  return sums;
}

class GoldenResultsSlow : public testing::Test {
 protected:
  GoldenResultsSlow() {
    config_.window.hop = 512;
    config_.architecture = "cnn";
    config_.train.epochs = 1;
    config_.finetune.epochs = 1;
    config_.faults.choice = {"core", {}};
    dataset_ = experiment::load_dataset(config_, {});
    pipeline_ = {config_.imputation, signal::training_statistics(dataset_)};
    start_ = graph::with_random_parameters(initial_layers(materials_, recipe("train")), 1);
  }

  static experiment::Recipe recipe(const std::string& text) {
    return experiment::parse_recipe(text);
  }
  static experiment::RecipeStep step(const std::string& text) {
    return recipe("train > " + text).steps.back();
  }
  graph::Graph applied(const std::string& text) const {
    return apply_step(materials_, step(text), 1, start_, {}, [](const train::EpochLog&) {});
  }
  graph::Graph int8() const { return deploy(materials_, recipe("train > ptq"), 1, start_); }
  ModelSource models() const {
    return {.trained = [this](const auto&, auto) { return start_; },
            .deployed = [this](const auto&, auto) { return int8(); }};
  }

  experiment::Config config_;
  signal::Dataset dataset_;
  signal::Pipeline pipeline_;
  experiment::Materials materials_{config_, dataset_, pipeline_};
  graph::Graph start_;
};

TEST_F(GoldenResultsSlow, DataAndFaultsAreAsTheirVersionsMadeThem) {
  Numbers clean;
  for (const auto* part : {&dataset_.train, &dataset_.validation, &dataset_.test}) {
    const signal::WindowSet set = signal::prepare(pipeline_, dataset_, *part);
    clean.push_back(set.count);
    add_sums(clean, set.values);
  }
  expect_golden("the data set", kDataVersion, clean, {1, {}}, 1e-6);
  const auto list = experiment::applicable_faults({"full", {}}, dataset_, pipeline_);
  Numbers faulty;
  for (const faults::Fault& fault : list.applicable) {
    const signal::WindowSet set =
        experiment::faulty_windows(dataset_, pipeline_, dataset_.test, &fault, 3, 1, 1);
    add_sums(faulty, set.values);
  }
  expect_golden("the suite of faults", kFaultsVersion, faulty, {1, {}}, 1e-6);
}

TEST_F(GoldenResultsSlow, TrainingIsAsItsVersionMadeIt) {
  const graph::Graph trained =
      train_step(materials_, step("finetune"), 1, initial_network(materials_, recipe("train"), 1),
                 {}, [](const auto&) {})
          .graph;
  expect_golden("train", results_version(experiment::StepKind::train), numbers_of(trained), {1, {}},
                1e-3);
  expect_golden("finetune", results_version(experiment::StepKind::finetune),
                numbers_of(applied("finetune(faults=true)")), {1, {}}, 1e-3);
  expect_golden("qat", results_version(experiment::StepKind::qat), numbers_of(applied("qat")),
                {1, {}}, 1e-3);
}

TEST_F(GoldenResultsSlow, CompressionIsAsItsVersionsMadeIt) {
  expect_golden("prune", results_version(experiment::StepKind::prune),
                numbers_of(applied("prune(ratio=0.5)")), {1, {}}, 1e-6);
  expect_golden("sparsify", results_version(experiment::StepKind::sparsify),
                numbers_of(applied("sparsify(ratio=0.5)")), {1, {}}, 1e-6);
  expect_golden("ptq", results_version(experiment::StepKind::ptq), numbers_of(int8()), {1, {}},
                1e-3);
}

TEST_F(GoldenResultsSlow, EvaluationsAndDiagnosesAreAsTheirVersionsMadeThem) {
  config_.variants = {"fp32", "ptq_int8"};
  const experiment::Condition drift{"drift", 3, 0};
  const auto jobs = [&](store::JobKind kind, const experiment::Condition& on) {
    return std::vector<store::Job>{{{kind, "ptq_int8", 1, on}, "key"}};
  };
  Evaluator evaluator(materials_, models());
  Diagnoser diagnoser(materials_, models());
  Numbers evaluated, diagnosed;
  for (const experiment::Condition& on : {experiment::Condition{}, drift}) {
    const store::Evaluation e = evaluator.evaluate(jobs(store::JobKind::evaluation, on), 1).front();
    evaluated.insert(evaluated.end(), {static_cast<double>(e.correct), e.macro_f1, e.ece});
    add_sums(evaluated, e.labels);
    add_sums(evaluated, e.clipped);
    const auto d = diagnoser.diagnose(jobs(store::JobKind::diagnosis, on), 1).front();
    diagnosed.insert(diagnosed.end(), {d.output_db, d.agreement});
    for (const compress::LayerDiagnosis& layer : d.layers) diagnosed.push_back(layer.clip_rate);
  }
  // A scale's last bit may move a label or two.
  expect_golden("evaluation", results_version(store::JobKind::evaluation), evaluated, {1, {}},
                0.02);
  expect_golden("diagnosis", results_version(store::JobKind::diagnosis), diagnosed, {1, {}}, 0.02);
}

}  // namespace
}  // namespace edgeproof::engine
