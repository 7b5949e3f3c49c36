#include "libtorch/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/random.h"
#include "graph/shapes.h"
#include "libtorch/network.h"
#include "libtorch/window_tensors.h"

namespace edgeproof::libtorch {
namespace {

using torch::Tensor;
using train::Distillation;
using train::Divergence;
using train::EpochWindows;
using train::Keep;
using train::Quantizer;
using train::Schedule;
using train::TrainOptions;
using train::TrainResult;
using train::TrainWith;

constexpr int kEvaluationBatch = 256;

// A random order of the windows, a pure function of seed and epoch.
Tensor shuffled(int count, std::uint64_t seed, int epoch) {
  const CounterRng rng(seed, "shuffle");
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::uint32_t i = static_cast<std::uint32_t>(count) - 1; i > 0; --i) {
    const auto j =
        static_cast<std::size_t>(rng.uniform(i, static_cast<std::uint32_t>(epoch)) * (i + 1));
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
  std::vector<float> weights(static_cast<std::size_t>(classes), 0);
  for (const auto label : set.labels) ++weights[static_cast<std::size_t>(label)];
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
  for (std::size_t i = 0; i < zeros.size(); ++i) weights[i].masked_fill_(zeros[i], 0);
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

// Divergence of the student's logits from the teachers' softened probabilities, per window.
Tensor divergence(const Tensor& logits, const Tensor& soft, const Distillation& distillation) {
  const double t = distillation.temperature;
  const Tensor student = (logits / t).log_softmax(1);
  const Tensor teacher = soft.clamp_min(1e-12).log();
  const Tensor sum = distillation.divergence == Divergence::forward
                         ? (soft * (teacher - student)).sum()
                         : (student.exp() * (student - teacher)).sum();
  return sum * (t * t / static_cast<double>(logits.size(0)));
}

// Divergence between the first half of the logits, windows in one view, and the second, the same
// windows in another.
Tensor jensen_shannon(const Tensor& logits) {
  const std::vector<Tensor> views = logits.log_softmax(1).chunk(2);
  const Tensor middle = ((views[0].exp() + views[1].exp()) / 2).clamp_min(1e-12).log();
  const auto from_middle = [&](const Tensor& view) { return view.exp() * (view - middle); };
  return (from_middle(views[0]) + from_middle(views[1])).sum() /
         static_cast<double>(logits.size(0));
}

class Training {
 public:
  Training(const graph::Graph& start, const signal::WindowSet& validation,
           const TrainOptions& options, const TrainWith& with)
      : options_(options),
        with_(with),
        validation_(validation),
        network_(start, {.fake_quant = options.quantization_aware,
                         .quantizer = options.quantizer,
                         .range_momentum = with.ranges ? 0 : NetworkOptions().range_momentum,
                         .dropout = options.dropout,
                         .seed = options.seed}),
        optimizer_(make_optimizer(network_, options)),
        classes_(graph::infer_shapes(start).back().size()) {
    if (options.keep_zeros) zeros_ = zeros_of(network_);
    if (with.distillation) teachers_ = teachers_of(*with.distillation, classes_);
  }

  TrainResult run(const EpochWindows& epoch_windows) {
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      throw_if_interrupted();
      if (epoch == 0 || ranges_follow()) calibrate();
      const double loss = train_epoch(epoch_windows(epoch), epoch);
      if (!std::isfinite(loss)) {
        fail(ErrorCode::bad_input,
             "training: the loss is not finite in epoch {}; a lower learning_rate than {} may help",
             epoch + 1, options_.learning_rate);
      }
      end_epoch(epoch, loss);
    }
    return std::move(result_);
  }

 private:
  // What the batches of an epoch are taken from, [windows, …]; undefined where it is not needed.
  struct EpochTensors {
    Tensor values, labels;
    Tensor clean;          // the other view of consistency
    Tensor soft;           // the teachers' probabilities
    Tensor class_weights;  // [classes]
  };

  // Whether ranges are calibrated again and again: those that the quantizer learns are only
  // started.
  bool ranges_follow() const { return options_.quantizer.kind == Quantizer::ema; }

  void calibrate() {
    if (!with_.ranges) return;
    network_.set_ranges(
        compress::calibrate(network_.graph(), with_.ranges->windows, with_.ranges->options));
  }

  // The mean loss.
  double train_epoch(const signal::WindowSet& set, int epoch) {
    EpochTensors of{.values = values_of(set), .labels = labels_of(set)};
    if (with_.consistency) of.clean = values_of(with_.consistency->clean(epoch));
    if (!teachers_.empty()) of.soft = softened(teachers_, *with_.distillation, epoch);
    if (options_.balance_classes) of.class_weights = class_weights(set, classes_);
    const Tensor order = shuffled(set.count, options_.seed, epoch);
    // Statistics of a quantization-aware network settle in its second half (Krishnamoorthi 2018).
    const bool frozen = options_.quantization_aware && epoch >= (options_.epochs + 1) / 2;
    const int batch_windows = options_.batch_size / (with_.consistency ? 2 : 1);
    const int batches = (set.count + batch_windows - 1) / batch_windows;
    const std::int64_t steps = std::int64_t{batches} * options_.epochs;
    double sum = 0;
    for (int batch = 0; batch < batches; ++batch) {
      const int begin = batch * batch_windows;
      const Tensor index = order.slice(0, begin, std::min(set.count, begin + batch_windows));
      // BatchNorm cannot take the statistics of one window.
      if (index.numel() < 2 && !with_.consistency) continue;
      set_rate(optimizer_, rate_at(options_, step_++, steps));
      const Tensor loss = loss_of(of, index, frozen ? Mode::train_frozen : Mode::train);
      optimizer_.zero_grad();
      loss.backward();
      optimizer_.step();
      restore_zeros(network_, zeros_);
      update_average(batches);
      sum += loss.item<double>() * static_cast<double>(index.numel());
    }
    return sum / set.count;
  }

  Tensor loss_of(const EpochTensors& of, const Tensor& index, Mode mode) {
    const auto& consistency = with_.consistency;
    const auto of_batch = [&](const Tensor& of_set) {
      const Tensor rows = of_set.index_select(0, index);
      return consistency ? torch::cat({rows, rows}) : rows;
    };
    Tensor views = of.values.index_select(0, index);
    if (consistency) views = torch::cat({of.clean.index_select(0, index), views});
    const Tensor logits = network_.forward(views, mode);
    Tensor loss = label_loss(logits, of_batch(of.labels), of.class_weights);
    if (of.soft.defined()) {
      const auto& distillation = with_.distillation;
      const Tensor far = divergence(logits, of_batch(of.soft), *distillation);
      loss = loss * (1 - distillation->share) + far * distillation->share;
    }
    return consistency ? loss + jensen_shannon(logits) * consistency->weight : loss;
  }

  // LibTorch's own class weights would weigh the smoothed share of a rare class more than the label
  // of a frequent one.
  Tensor label_loss(const Tensor& logits, const Tensor& target, const Tensor& weights) const {
    auto how =
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing);
    if (!weights.defined()) return torch::nn::functional::cross_entropy(logits, target, how);
    const Tensor losses =
        torch::nn::functional::cross_entropy(logits, target, how.reduction(torch::kNone));
    const Tensor of_window = weights.index_select(0, target);
    return (losses * of_window).sum() / of_window.sum();
  }

  void update_average(int batches) {
    if (!average_) {
      average_ = network_.snapshot();
    } else {
      const double span = options_.average_epochs * batches;
      network_.blend_into(*average_, span > 1 ? 1 / span : 1);
    }
  }

  // With the averaged weights: validation, and whether the network is kept.
  void end_epoch(int epoch, double loss) {
    const Network::Snapshot current = network_.snapshot();
    network_.restore(*average_);
    const bool last = epoch + 1 == options_.epochs, validates = validation_.count > 0;
    if (ranges_follow() && (last || validates)) calibrate();
    const Validation v = validates ? validate(network_, validation_) : Validation();
    result_.log.push_back({epoch + 1, loss, v.loss, v.accuracy});
    const bool better =
        v.accuracy > best_.accuracy || (v.accuracy == best_.accuracy && v.loss <= best_.loss);
    const bool kept = options_.keep == Keep::last || !validates ? last : better;
    if (kept) {
      best_ = v;
      result_.best_epoch = epoch + 1;
      result_.graph = network_.graph();
    }
    network_.restore(current);
    if (with_.on_epoch) with_.on_epoch(result_.log.back(), v.predicted);
  }

  const TrainOptions& options_;
  const TrainWith& with_;
  const signal::WindowSet& validation_;
  Network network_;
  torch::optim::AdamW optimizer_;
  int classes_;
  std::vector<Tensor> zeros_;
  std::vector<Network> teachers_;
  std::optional<Network::Snapshot> average_;
  std::int64_t step_ = 0;
  Validation best_{.accuracy = -1};
  TrainResult result_;
};

}  // namespace

train::TrainResult run_training(const graph::Graph& start, const EpochWindows& epoch_windows,
                                const signal::WindowSet& validation, const TrainOptions& options,
                                const TrainWith& with) {
  at::set_num_threads(1);
  return Training(start, validation, options, with).run(epoch_windows);
}

std::vector<std::int32_t> predict_labels(const graph::Graph& graph,
                                         const signal::WindowSet& windows, bool fake_quant) {
  at::set_num_threads(1);
  Network network(graph, {.fake_quant = fake_quant});
  return to_labels(logits_of(network, windows));
}

}  // namespace edgeproof::libtorch
