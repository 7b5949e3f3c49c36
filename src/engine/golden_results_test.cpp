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

#include "engine/diagnosis.h"
#include "engine/evaluate.h"
#include "engine/result_versions.h"
#include "engine/steps.h"
#include "experiment/data.h"
#include "graph/graph_testing.h"

namespace edgeproof::engine {
namespace {

using Numbers = std::vector<double>;

// Found between AVX-512, AVX2 and SSE4.1 at most: 0, 1.3e-5 (oneDNN's convolutions, after an epoch
// of quantization-aware training), 1e-5.
constexpr double kExact = 1e-6;
constexpr double kTrained = 4e-5;
constexpr double kComputed = 1e-4;

struct Golden {
  int version = 0;
  Numbers numbers;
};

// What saw faults also has kFaultsVersion in its key: a change of faults alone leaves the versions
// of finetune, evaluation and diagnosis as they are.
//
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
    config_.train.batch_size = 64;
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
  expect_golden("the data set", kDataVersion, clean,
                {2,
                 {486, 0.6470434211, -0.2444972256, 108, 0.6754561593, -0.1260277917, 216,
                  0.6559770716, -0.04861450969}},
                kExact);
  const auto list = experiment::applicable_faults({"full", {}}, dataset_, pipeline_);
  Numbers faulty;
  for (const faults::Fault& fault : list.applicable) {
    const signal::WindowSet set =
        experiment::faulty_windows(dataset_, pipeline_, dataset_.test, &fault, 3, 1, 1);
    add_sums(faulty, set.values);
  }
  expect_golden(
      "the suite of faults", kFaultsVersion, faulty,
      {2, {1.050123164,  1.787846668,    0.9012567704, -1.03313138,    0.8075921049, -0.1075133753,
           0.6561233828, -0.3222208364,  0.7917585464, -0.03614550719, 0.8554252058, -0.3246263007,
           0.6484829155, -0.06159592486, 0.8939467064, -0.2662022914,  0.5887932935, -0.1265258887,
           0.6747258408, -0.04159563198, 0.7051685618, -0.3377895474,  0.6549748905, 0.1160116599,
           0.4236100155, 0.08061231654,  0.6535361746, -0.02311932217, 0.6802706941, -0.04338389883,
           0.7159349879, 0.142673818,    0.6835456832, -0.0535425517,  0.6516884596, -0.09102650667,
           0.6557574014, 0.1168347487,   0.9606258951, 0.7563103188}},
      kExact);
}

TEST_F(GoldenResultsSlow, TrainingIsAsItsVersionMadeIt) {
  const graph::Graph trained =
      train_step(materials_, step("finetune"), 1, initial_network(materials_, recipe("train"), 1),
                 {}, [](const auto&) {})
          .graph;
  expect_golden(
      "train", results_version(experiment::StepKind::train), numbers_of(trained),
      {1,
       {14, 0.07571227147, 0.1468031982, 0, 0, 0.0395914113, -0.007178519444, 0, 0, 0.03619500773,
        -0.00964758367, 0, 0, 0.06249650479, 0.07342596945, 0.0008038779488, -0.0006437149318}},
      kTrained);
  expect_golden(
      "finetune", results_version(experiment::StepKind::finetune),
      numbers_of(applied("finetune(faults=true)")),
      {1,
       {14, 0.1664389872, 0.08061642852, 0.07073406568, -0.08086130034, 0.09020707674,
        0.07545053311, 0.07882460652, 0.04221122572, 0.08140567004, 0.05235449086, 0.08005127717,
        0.07094411517, 0.1435282301, 0.09597457734, 0.07658096667, 0.1204444706}},
      kTrained);
  expect_golden(
      "qat", results_version(experiment::StepKind::qat), numbers_of(applied("qat")),
      {1,
       {14, 0.1664322747, 0.0795664867, 0.07073406568, -0.08086130034, 0.09020331399, 0.07508260948,
        0.07882460652, 0.04221122572, 0.08141003455, 0.05174609498, 0.08005127717, 0.07094411517,
        0.1435617584, 0.096197977, 0.07661327347, 0.1204689869}},
      kTrained);
}

TEST_F(GoldenResultsSlow, CompressionIsAsItsVersionsMadeIt) {
  expect_golden(
      "prune", results_version(experiment::StepKind::prune),
      numbers_of(applied("prune(ratio=0.5)")),
      {1,
       {14, 0.1788346817, -0.2198346833, 0.06663379506, -0.1027097635, 0.09507074407, 0.1671557034,
        0.08820545662, 0.005099798184, 0.08430281691, 0.05524667958, 0.07410125361, 0.1137511852,
        0.1517099541, -0.02611208574, 0.07637318798, 0.1203181589}},
      kExact);
  expect_golden(
      "sparsify", results_version(experiment::StepKind::sparsify),
      numbers_of(applied("sparsify(ratio=0.5)")),
      {1,
       {14, 0.1546347936, 0.0755757808, 0.07073406568, -0.08086130034, 0.07302423497, 0.06189021628,
        0.07882460652, 0.04221122572, 0.06057958646, 0.08096607173, 0.08005127717, 0.07094411517,
        0.1316656647, 0.1151686898, 0.07637318798, 0.1203181589}},
      kExact);
  expect_golden("ptq", results_version(experiment::StepKind::ptq), numbers_of(int8()),
                {1,
                 {8, 40.48888889, 26.80372251, 1199.90625, 374.9212762, 35.30039062, 28.2386371,
                  1527.859375, -2802.580203, 34.64119466, 22.06280194, 1663.046875, -1529.621487,
                  43.50260417, 24.60070594, 362.1666667, 611.1620023}},
                kComputed);
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
  expect_golden("evaluation", results_version(store::JobKind::evaluation), evaluated,
                {1,
                 {37, 0.05054644809, 0.5317078573, 0.04166666667, -0.061904334, 3, 8.485281374, 42,
                  0.08568640955, 0.5323042344, 0.1759259259, -0.3631972503, 3.75, 10.35717919}},
                kComputed);
  expect_golden("diagnosis", results_version(store::JobKind::diagnosis), diagnosed,
                {1,
                 {39.25269295,
                  1,
                  0.0001044881687,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  38.53587569,
                  0.9907407407,
                  0.0001044881687,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0.009259259259}},
                kComputed);
}

}  // namespace
}  // namespace edgeproof::engine
