// Weights are in steps of their channel's scale, inputs in multiples of their root mean square:
// both terms of the objective fall apart into output channels, and their units cancel.

#include "compress/adaround.h"

#include <Eigen/Core>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "core/error.h"
#include "core/random.h"

namespace edgeproof::compress {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Array = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;
using Eigen::Index;

// The rectified sigmoid's reach beyond [0, 1].
constexpr float kZeta = 1.1F, kGamma = -0.1F;
constexpr double kWarmUp = 0.2;  // of the iterations
constexpr double kFirstBeta = 20, kLastBeta = 2;

struct Sample {
  std::int64_t window;
  int position;
};

// The reconstruction error of a layer in those units. Weights are [out_channels, row_size].
class Reconstruction {
 public:
  Reconstruction(LayerData layer, const graph::Int8Weights& nearest)
      : layer_(std::move(layer)),
        weights_(Eigen::Map<const Array>(layer_.weights.values.data(), layer_.conv.out_channels,
                                         layer_.row_size())),
        bias_(Eigen::Map<const Row>(layer_.weights.bias.data(), weights_.rows())) {
    for (int g = 0; g < layer_.conv.groups; ++g) {
      const float rms = root_mean_square(g);
      per_rms_.push_back(rms > 0 ? 1 / rms : 1);  // whatever the weights, they give zero
    }
    Row per_unit(weights_.rows());
    for (Index c = 0; c < weights_.rows(); ++c) {
      const float scale = nearest.scales[static_cast<std::size_t>(c)];
      weights_.row(c) /= scale;
      per_unit[c] = per_rms_[static_cast<std::size_t>(c / layer_.group_outputs())] /
                    (scale * layer_.input_scale);
    }
    bias_.array() *= per_unit.array();
    Eigen::Map<Array> targets(layer_.targets.data(), layer_.rows(), weights_.rows());
    targets.rowwise() *= per_unit.array();
  }

  const Array& weights() const { return weights_; }  // in steps, not rounded
  Sample sample(std::array<std::uint32_t, 4> words) const {
    const auto below = [](std::uint32_t word, std::int64_t end) {
      return static_cast<std::int64_t>(word * static_cast<std::uint64_t>(end) >> 32);
    };
    return {below(words[0], layer_.windows), static_cast<int>(below(words[1], positions_))};
  }

  // Derivative of the mean squared error over a batch by the weights.
  Array gradient(const Matrix& weights, std::span<const Sample> batch) const {
    Matrix gradient(weights.rows(), weights.cols());
    Matrix inputs(static_cast<Index>(batch.size()), weights.cols());
    const float mean = 2 / static_cast<float>(batch.size());
    for (int g = 0; g < layer_.conv.groups; ++g) {
      const Matrix errors = this->errors(weights, batch, g, true, inputs);
      gradient.middleRows(first(g), outputs_).noalias() =
          mean * per_rms_[static_cast<std::size_t>(g)] * (errors.transpose() * inputs);
    }
    return gradient.array();
  }

  // Per output channel, over all of the data.
  Eigen::ArrayXd squared_errors(const Matrix& weights) const {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(weights.rows());
    Matrix inputs(positions_, weights.cols());
    std::vector<Sample> rows(static_cast<std::size_t>(positions_));
    for (std::int64_t window = 0; window < layer_.windows; ++window) {
      for (int p = 0; p < positions_; ++p) rows[static_cast<std::size_t>(p)] = {window, p};
      for (int g = 0; g < layer_.conv.groups; ++g) {
        const Matrix errors = this->errors(weights, rows, g, false, inputs);
        sum.segment(first(g), outputs_) +=
            errors.cast<double>().colwise().squaredNorm().transpose().array();
      }
    }
    return sum;
  }

 private:
  Index first(int group) const { return Index{group} * outputs_; }

  // What a group gives with these weights, less the targets; 0 where ReLU stops the gradient, if
  // `for_gradient`. Fills `inputs`, in levels.
  Matrix errors(const Matrix& weights, std::span<const Sample> rows, int group, bool for_gradient,
                Matrix& inputs) const {
    Matrix targets(inputs.rows(), outputs_);
    for (Index r = 0; r < inputs.rows(); ++r) {
      const Sample& at = rows[static_cast<std::size_t>(r)];
      layer_.gather(at.window, at.position, group, inputs.row(r).data());
      targets.row(r) = Eigen::Map<const Row>(
          layer_.targets.data() +
              (at.window * positions_ + at.position) * layer_.conv.out_channels + first(group),
          outputs_);
    }
    Matrix outputs = inputs * weights.middleRows(first(group), outputs_).transpose();
    outputs *= per_rms_[static_cast<std::size_t>(group)];
    outputs.rowwise() += bias_.segment(first(group), outputs_);
    if (layer_.conv.activation == graph::Activation::none) return outputs - targets;
    Matrix errors = outputs.cwiseMax(0) - targets;
    if (!for_gradient) return errors;
    return (outputs.array() > 0).select(errors, 0);
  }

  float root_mean_square(int group) const {
    std::vector<std::int64_t> row(static_cast<std::size_t>(layer_.row_size()));
    std::int64_t sum = 0;
    for (std::int64_t window = 0; window < layer_.windows; ++window) {
      for (int p = 0; p < positions_; ++p) {
        layer_.gather(window, p, group, row.data());
        for (const std::int64_t level : row) sum += level * level;
      }
    }
    const auto count = static_cast<double>(layer_.rows()) * layer_.row_size();
    return static_cast<float>(std::sqrt(static_cast<double>(sum) / count));
  }

  LayerData layer_;
  int positions_ = layer_.positions();
  Index outputs_ = layer_.group_outputs();
  Array weights_;
  Row bias_;
  std::vector<float> per_rms_;  // of each group's inputs
};

class Adam {
 public:
  Adam(Index rows, Index columns, double rate)
      : mean_(Array::Zero(rows, columns)), square_(Array::Zero(rows, columns)), rate_(rate) {}

  void step(Array& values, const Array& gradient) {
    constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;
    ++steps_;
    mean_ += (1 - kBeta1) * (gradient - mean_);
    square_ += (1 - kBeta2) * (gradient.square() - square_);
    const auto rate = static_cast<float>(rate_ / (1 - std::pow(kBeta1, steps_)));
    const auto unbiased = static_cast<float>(1 / (1 - std::pow(kBeta2, steps_)));
    values -= rate * mean_ / ((unbiased * square_).sqrt() + kEpsilon);
  }

 private:
  Array mean_, square_;
  double rate_;
  int steps_ = 0;
};

// The derivative of lambda * (1 - |2 h - 1|^beta) by h.
Array regularizer_gradient(const Array& h, double lambda, double beta) {
  const Array from_middle = 2 * h - 1;
  const auto power = static_cast<float>(beta - 1);
  const auto factor = static_cast<float>(-2 * lambda * beta);
  return factor * from_middle.sign() * (power * from_middle.abs().max(1e-12F).log()).exp();
}

// The weights, in steps, rounded as learnt.
Matrix learnt(const Reconstruction& layer, int largest_level, const AdaroundOptions& options) {
  const CounterRng rng(options.seed, "adaround");
  const auto largest = static_cast<float>(largest_level);
  const Array floor = layer.weights().floor();
  const Array rest = layer.weights() - floor;
  Array v = -((kZeta - kGamma) / (rest - kGamma) - 1).log();  // h(v) == rest
  Adam adam(v.rows(), v.cols(), options.rate);
  std::vector<Sample> batch(static_cast<std::size_t>(options.batch));
  for (int i = 0; i < options.iterations; ++i) {
    for (std::uint32_t b = 0; b < batch.size(); ++b) {
      batch[b] = layer.sample(rng.words(static_cast<std::uint32_t>(i), b));
    }
    const Array sigmoid = 1 / (1 + (-v).exp());
    const Array h = (sigmoid * (kZeta - kGamma) + kGamma).max(0).min(1);
    const Array soft = floor + h;
    Array gradient = layer.gradient(soft.max(-largest).min(largest).matrix(), batch);
    gradient = (soft.abs() <= largest).select(gradient, 0);
    const double progress = static_cast<double>(i) / options.iterations;
    if (progress >= kWarmUp) {
      const double left = (1 - progress) / (1 - kWarmUp);
      gradient += regularizer_gradient(h, options.regularization,
                                       kLastBeta + (kFirstBeta - kLastBeta) * left);
    }
    gradient *= (kZeta - kGamma) * sigmoid * (1 - sigmoid);
    adam.step(v, (h > 0 && h < 1 && layer.weights() != 0).select(gradient, 0));
  }
  return (floor + (v >= 0).cast<float>()).max(-largest).min(largest).matrix();
}

void check(const AdaroundOptions& options) {
  if (options.iterations < 1 || options.batch < 1 || !(options.rate > 0) ||
      !(options.regularization >= 0)) {
    fail(
        ErrorCode::bad_config,
        "adaround: {} iterations of {} rows at rate {}, regularization {}; expected at least 1, at "
        "least 1, above 0, at least 0",
        options.iterations, options.batch, options.rate, options.regularization);
  }
}

}  // namespace

std::vector<std::int8_t> adaround(LayerData data, const graph::Int8Weights& nearest,
                                  int largest_level, const AdaroundOptions& options) {
  check(options);
  const Reconstruction layer(std::move(data), nearest);
  using Levels = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::vector<std::int8_t> levels = nearest.values;
  Eigen::Map<Levels> kept(levels.data(), layer.weights().rows(), layer.weights().cols());
  const Matrix found = learnt(layer, largest_level, options);
  const Eigen::ArrayXd before = layer.squared_errors(kept.cast<float>());
  const Eigen::ArrayXd after = layer.squared_errors(found);
  for (Index c = 0; c < kept.rows(); ++c) {
    if (after[c] < before[c]) kept.row(c) = found.row(c).cast<std::int8_t>();
  }
  return levels;
}

}  // namespace edgeproof::compress
