#pragma once

// Training of a graph's parameters by gradient descent: FP32, or quantization-aware.
//
// The work is done by LibTorch (libtorch/trainer.h) in a plug-in that the first call loads: error
// unsupported, which says what to install, where it is not there.
//
// AdamW on the cross-entropy, on one thread, so that a result depends on the options, the data and
// the machine's instruction set alone, and several trainings can run side by side.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compress/calibrate.h"
#include "compress/importance.h"
#include "core/enum_words.h"
#include "graph/graph.h"
#include "signal/pipeline.h"
#include "train/quantizer.h"

namespace edgeproof::train {

enum class Schedule {
  cosine,     // from the learning rate to zero along half a cosine
  one_cycle,  // up for 30 % of the steps, then down to zero (Smith & Topin 2017)
};

enum class Keep {
  best,  // the epoch with the best accuracy on the validation windows; of several, the one with the
         // lowest validation loss
  last   // the last one, where the schedule has brought the learning rate to zero
};

inline constexpr auto kScheduleWords =
    enum_words<Schedule>({{Schedule::cosine, "cosine"}, {Schedule::one_cycle, "one_cycle"}});
inline constexpr auto kKeepWords = enum_words<Keep>({{Keep::best, "best"}, {Keep::last, "last"}});

struct TrainOptions {
  int epochs = 20;
  int batch_size = 64;
  double learning_rate = 2e-3;  // the schedule's highest
  Schedule schedule = Schedule::cosine;
  double weight_decay = 1e-3;    // of weights, decoupled; biases and BatchNorm have none
  double label_smoothing = 0.1;  // share of the target spread evenly over all classes
  double dropout = 0.3;          // before the last layer
  double average_epochs = 1;     // span of the moving average of weights that is kept; 0: none
  Keep keep = Keep::best;
  bool balance_classes = false;  // weight the loss by inverse class frequency
  bool keep_zeros = false;       // weights that are zero at the start stay so (pruned ones)
  bool quantization_aware = false;
  QuantizerOptions quantizer;  // of quantization-aware training
  std::uint64_t seed = 0;
};

struct EpochLog {
  int epoch = 0;
  double train_loss = 0;
  double validation_loss = 0;  // NaN without validation windows
  double validation_accuracy = 0;
};

struct TrainResult {
  graph::Graph graph;  // FP32, not folded; with quantization_aware it carries its activation ranges
  int best_epoch = 0;
  std::vector<EpochLog> log;
};

// The windows that an epoch trains on; called once per epoch, in order. Clean training returns the
// same ones each time, fault-aware training draws new faults.
using EpochWindows = std::function<const signal::WindowSet&(int epoch)>;

enum class Divergence {
  forward,  // KL(teachers || student): the student covers all that the teachers think possible
  reverse,  // KL(student || teachers): it keeps to what they think likely (Gu et al. 2024,
            // "MiniLLM")
};

// In the order of Divergence: the words of a configuration.
const std::vector<std::string>& divergence_names();

// Knowledge distillation (Hinton, Vinyals, Dean 2015): the loss is (1 - share) of the labels' and
// share of T^2 times the divergence, both sides softened by the temperature T. Several teachers say
// the mean of their softened probabilities. They are FP32 networks in evaluation mode and see
// windows of their own: the clean ones of those that the student sees broken.
struct Distillation {
  std::vector<graph::Graph> teachers;
  EpochWindows windows;  // in the order of the student's
  double temperature = 2;
  double share = 0.5;
  Divergence divergence = Divergence::forward;
};

// Every window is shown twice in a step, clean and as the epoch has it (broken), so that a step
// takes batch_size / 2 windows and an epoch twice the time; to the loss of both comes `weight`
// times the Jensen-Shannon divergence of what the network says of the two (Hendrycks et al. 2020,
// "AugMix", equation 1, with two views instead of three).
struct Consistency {
  EpochWindows clean;  // in the order of the epoch's
  double weight = 0;
};

// Activation ranges of quantization-aware training that do not follow what passes: calibrated on
// these windows before each epoch and at the end. With clean windows and faulty training the
// integer program keeps its resolution and saturates at faults. Ranges that the quantizer learns
// are only started so.
struct RangeCalibration {
  compress::CalibrationOptions options;
  signal::WindowSet windows;
};

// Told of each epoch when it has ended, with the labels predicted for the validation windows.
using OnEpoch = std::function<void(const EpochLog&, std::span<const std::int32_t> labels)>;

// What training may do besides lowering the labels' loss, with ranges that follow what passes.
struct TrainWith {
  OnEpoch on_epoch = {};
  std::optional<Distillation> distillation = {};
  std::optional<RangeCalibration> ranges = {};
  std::optional<Consistency> consistency = {};
};

// Without validation windows the last epoch is kept. Error bad_config for a teacher of other
// classes. Error bad_input if the loss stops being finite, naming the epoch; interrupted when the
// user asks to stop.
TrainResult train(const graph::Graph& start, const EpochWindows& epoch_windows,
                  const signal::WindowSet& validation, const TrainOptions& options,
                  const TrainWith& with = {});

// Labels that the network predicts in LibTorch: with fake_quant, what QAT believes that the integer
// program will say. The study compares the two.
std::vector<std::int32_t> predict_labels(const graph::Graph& graph,
                                         const signal::WindowSet& windows, bool fake_quant);

// What removing a channel would change the loss by, to first order (Molchanov et al. 2019,
// "Importance Estimation for Neural Network Pruning").
// For every output channel of every full convolution the mean over batches of (g . w)^2, where w
// are the numbers that the channel is scaled by and g the gradient of the cross-entropy: gamma and
// beta of its BatchNorm, which is run as deployed, or else its filter and bias. At most `most`
// windows, evenly spread over the set, in batches of 64. Error bad_input for an empty set, or if
// the loss is not finite.
compress::NodeScores taylor_scores(const graph::Graph& fp32, const signal::WindowSet& windows,
                                   int most);

// What the plug-in `train` hands over.
struct Backend {
  decltype(&train) run_training;
  decltype(&predict_labels) predict;
  decltype(&taylor_scores) score;
};

}  // namespace edgeproof::train
