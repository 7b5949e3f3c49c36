// Test: trainer_test.cpp.

#include "train/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/parallel.h"
#include "core/random.h"
#include "graph/shapes.h"
#include "train/network.h"
#include "train/window_tensors.h"

namespace edgeproof::train {
namespace {

using torch::Tensor;

constexpr int kEvaluationBatch = 256;

// A random order of the windows, a pure function of seed and epoch.
Tensor shuffled(int count, std::uint64_t seed, int epoch) {
  const CounterRng rng(seed, "shuffle");
  std::vector<std::int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::uint32_t i = static_cast<std::uint32_t>(count) - 1; i > 0; --i) {
    const auto j = static_cast<size_t>(rng.uniform(i, static_cast<std::uint32_t>(epoch)) * (i + 1));
    std::swap(order[i], order[j]);
  }
  return torch::tensor(order, torch::kInt64);
}

double rate_at(const TrainOptions& options, std::int64_t step, std::int64_t steps) {
  constexpr double kWarmUp = 0.3;
  const double t = static_cast<double>(step) / static_cast<double>(steps);
  double down = t;
  if (options.schedule == Schedule::one_cycle) {
    if (t < kWarmUp) return options.learning_rate * (0.04 + 0.96 * t / kWarmUp);
    down = (t - kWarmUp) / (1 - kWarmUp);
  }
  return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * down));
}

Tensor class_weights(const signal::WindowSet& set, int classes) {
  std::vector<float> weights(static_cast<size_t>(classes), 0);
  for (const auto label : set.labels) ++weights[static_cast<size_t>(label)];
  for (float& w : weights) {
    w = w == 0 ? 0 : static_cast<float>(set.count) / (static_cast<float>(classes) * w);
  }
  return torch::tensor(torch::ArrayRef<float>(weights));
}

struct Validation {
  double loss = std::numeric_limits<double>::quiet_NaN();
  double accuracy = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::int32_t> predicted;
};

Tensor logits_of(Network& network, const signal::WindowSet& set) {
  const torch::NoGradGuard no_gradients;
  std::vector<Tensor> pieces;
  const Tensor values = values_of(set);
  for (int begin = 0; begin < set.count; begin += kEvaluationBatch) {
    const int end = std::min(set.count, begin + kEvaluationBatch);
    pieces.push_back(network.forward(values.slice(0, begin, end), Mode::evaluate));
  }
  return torch::cat(pieces);
}

std::vector<std::int32_t> to_labels(const Tensor& logits) {
  const Tensor labels = logits.argmax(1).to(torch::kInt32).contiguous();
  return {labels.data_ptr<int>(), labels.data_ptr<int>() + labels.numel()};
}

Validation validate(Network& network, const signal::WindowSet& set) {
  const Tensor logits = logits_of(network, set);
  const Tensor labels = labels_of(set);
  return {torch::nn::functional::cross_entropy(logits, labels).item<double>(),
          logits.argmax(1).eq(labels).to(torch::kFloat64).mean().item<double>(), to_labels(logits)};
}

torch::optim::AdamW make_optimizer(const Network& network, const TrainOptions& options) {
  const auto group = [&](std::vector<Tensor> parameters, double decay) {
    return torch::optim::OptimizerParamGroup(
        std::move(parameters),
        std::make_unique<torch::optim::AdamWOptions>(
            torch::optim::AdamWOptions(options.learning_rate).weight_decay(decay)));
  };
  return torch::optim::AdamW(
      {group(network.weights(), options.weight_decay), group(network.other_parameters(), 0)});
}

// Where the weights of each convolution and dense layer are zero.
std::vector<Tensor> zeros_of(const Network& network) {
  std::vector<Tensor> zeros;
  for (const Tensor& weight : network.weights()) zeros.push_back(weight.detach().eq(0));
  return zeros;
}

void restore_zeros(const Network& network, const std::vector<Tensor>& zeros) {
  const torch::NoGradGuard no_gradients;
  const std::vector<Tensor> weights = network.weights();
  for (size_t i = 0; i < zeros.size(); ++i) weights[i].masked_fill_(zeros[i], 0);
}

void set_rate(torch::optim::AdamW& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
  }
}

std::vector<Network> teachers_of(const Distillation& distillation, int classes) {
  std::vector<Network> teachers;
  for (const graph::Graph& teacher : distillation.teachers) {
    const int taught = graph::infer_shapes(teacher).back().size();
    if (taught != classes) {
      fail(ErrorCode::bad_config, "distillation: the teacher knows {} classes, the student {}",
           taught, classes);
    }
    teachers.emplace_back(teacher, NetworkOptions{});
  }
  return teachers;
}

// The mean of the teachers' softened probabilities for an epoch's windows.
Tensor softened(std::vector<Network>& teachers, const Distillation& distillation, int epoch) {
  const signal::WindowSet& windows = distillation.windows(epoch);
  Tensor sum;
  for (Network& teacher : teachers) {
    const Tensor soft = (logits_of(teacher, windows) / distillation.temperature).softmax(1);
    sum = sum.defined() ? sum + soft : soft;
  }
  return sum / static_cast<double>(teachers.size());
}

// Of the student's logits from the teachers' softened probabilities, per window.
Tensor divergence(const Tensor& logits, const Tensor& soft, const Distillation& distillation) {
  const double t = distillation.temperature;
  const Tensor student = (logits / t).log_softmax(1);
  const Tensor teacher = soft.clamp_min(1e-12).log();
  const Tensor sum = distillation.divergence == Divergence::forward
                         ? (soft * (teacher - student)).sum()
                         : (student.exp() * (student - teacher)).sum();
  return sum * (t * t / static_cast<double>(logits.size(0)));
}

// Of the first half of the logits, windows in one view, and the second, the same ones in another.
Tensor jensen_shannon(const Tensor& logits) {
  const std::vector<Tensor> views = logits.log_softmax(1).chunk(2);
  const Tensor middle = ((views[0].exp() + views[1].exp()) / 2).clamp_min(1e-12).log();
  const auto from_middle = [&](const Tensor& view) { return view.exp() * (view - middle); };
  return (from_middle(views[0]) + from_middle(views[1])).sum() /
         static_cast<double>(logits.size(0));
}

}  // namespace

const std::vector<std::string>& divergence_names() {
  static const std::vector<std::string> names = {"forward", "reverse"};
  return names;
}

TrainResult train(const graph::Graph& start, const EpochWindows& epoch_windows,
                  const signal::WindowSet& validation, const TrainOptions& options,
                  const OnEpoch& on_epoch, const std::optional<Distillation>& distillation,
                  const std::optional<RangeCalibration>& ranges,
                  const std::optional<Consistency>& consistency) {
  at::set_num_threads(1);
  Network network(start, {.fake_quant = options.quantization_aware,
                          .quantizer = options.quantizer,
                          .range_momentum = ranges ? 0 : NetworkOptions().range_momentum,
                          .dropout = options.dropout,
                          .seed = options.seed});
  torch::optim::AdamW optimizer = make_optimizer(network, options);
  const std::vector<Tensor> zeros = options.keep_zeros ? zeros_of(network) : std::vector<Tensor>();
  TrainResult result;
  const int classes = graph::infer_shapes(start).back().size();
  std::vector<Network> teachers;
  if (distillation) teachers = teachers_of(*distillation, classes);
  const auto calibrate = [&] {
    network.set_ranges(compress::calibrate(network.graph(), ranges->windows, ranges->options));
  };
  double best_accuracy = -1, best_loss = 0;
  std::optional<Network::Snapshot> average;
  std::int64_t step = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    throw_if_interrupted();
    if (ranges && (epoch == 0 || options.quantizer.kind == Quantizer::ema)) calibrate();
    const signal::WindowSet& set = epoch_windows(epoch);
    const Tensor values = values_of(set), labels = labels_of(set);
    Tensor soft, clean;
    if (consistency) clean = values_of(consistency->clean(epoch));
    if (!teachers.empty()) soft = softened(teachers, *distillation, epoch);
    const Tensor order = shuffled(set.count, options.seed, epoch);
    auto loss_options =
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options.label_smoothing);
    // LibTorch's own class weights would weigh the smoothed share of a rare class more than the
    // label of a frequent one.
    Tensor weights;
    if (options.balance_classes) {
      weights = class_weights(set, classes);
      loss_options.reduction(torch::kNone);
    }
    // Statistics of a quantization-aware network settle in its second half (Krishnamoorthi 2018).
    const bool frozen = options.quantization_aware && epoch >= (options.epochs + 1) / 2;
    const int batch_windows = options.batch_size / (consistency ? 2 : 1);
    const int batches = (set.count + batch_windows - 1) / batch_windows;
    const std::int64_t steps = std::int64_t{batches} * options.epochs;
    double loss_sum = 0;
    for (int batch = 0; batch < batches; ++batch) {
      const int begin = batch * batch_windows;
      const Tensor index = order.slice(0, begin, std::min(set.count, begin + batch_windows));
      // BatchNorm cannot take the statistics of one window.
      if (index.numel() < 2 && !consistency) continue;
      set_rate(optimizer, rate_at(options, step++, steps));
      const auto of_batch = [&](const Tensor& of_set) {
        const Tensor rows = of_set.index_select(0, index);
        return consistency ? torch::cat({rows, rows}) : rows;
      };
      Tensor views = values.index_select(0, index);
      if (consistency) views = torch::cat({clean.index_select(0, index), views});
      const Tensor logits = network.forward(views, frozen ? Mode::train_frozen : Mode::train);
      const Tensor target = of_batch(labels);
      Tensor loss = torch::nn::functional::cross_entropy(logits, target, loss_options);
      if (weights.defined()) {
        const Tensor of_window = weights.index_select(0, target);
        loss = (loss * of_window).sum() / of_window.sum();
      }
      if (!teachers.empty()) {
        const Tensor far = divergence(logits, of_batch(soft), *distillation);
        loss = loss * (1 - distillation->share) + far * distillation->share;
      }
      if (consistency) loss = loss + jensen_shannon(logits) * consistency->weight;
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      restore_zeros(network, zeros);
      if (!average) {
        average = network.snapshot();
      } else {
        const double span = options.average_epochs * batches;
        network.blend_into(*average, span > 1 ? 1 / span : 1);
      }
      loss_sum += loss.item<double>() * static_cast<double>(index.numel());
    }
    const double train_loss = loss_sum / set.count;
    if (!std::isfinite(train_loss)) {
      fail(ErrorCode::bad_input,
           "training: the loss is not finite in epoch {}; a lower learning_rate than {} may help",
           epoch + 1, options.learning_rate);
    }
    const Network::Snapshot current = network.snapshot();
    network.restore(*average);
    const bool last = epoch + 1 == options.epochs;
    const bool looked_at = last || validation.count > 0;
    if (ranges && looked_at && options.quantizer.kind == Quantizer::ema) calibrate();
    const Validation v = validation.count > 0 ? validate(network, validation) : Validation();
    result.log.push_back({epoch + 1, train_loss, v.loss, v.accuracy});
    if (options.keep == Keep::last || validation.count == 0) {
      if (last) {
        result.best_epoch = epoch + 1;
        result.graph = network.graph();
      }
    } else if (v.accuracy > best_accuracy || (v.accuracy == best_accuracy && v.loss <= best_loss)) {
      best_accuracy = v.accuracy;
      best_loss = v.loss;
      result.best_epoch = epoch + 1;
      result.graph = network.graph();
    }
    network.restore(current);
    if (on_epoch) on_epoch(result.log.back(), v.predicted);
  }
  return result;
}

std::vector<std::int32_t> predict_labels(const graph::Graph& graph,
                                         const signal::WindowSet& windows, bool fake_quant) {
  at::set_num_threads(1);
  Network network(graph, {.fake_quant = fake_quant});
  return to_labels(logits_of(network, windows));
}

}  // namespace edgeproof::train
