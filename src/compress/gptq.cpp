// Weights are kept in steps of their channel's scale, inputs in levels: both only scale the error.
// Sums of products of levels are exact in double precision.

#include "compress/gptq.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace edgeproof::compress {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix in_steps(std::span<const float> weights, std::span<const float> scales) {
  const auto outputs = static_cast<Eigen::Index>(scales.size());
  Matrix steps =
      Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          weights.data(), outputs, static_cast<Eigen::Index>(weights.size()) / outputs)
          .cast<double>();
  for (Eigen::Index c = 0; c < outputs; ++c)
    steps.row(c) /= double{scales[static_cast<std::size_t>(c)]};
  return steps;
}

// The upper Cholesky factor of the inverse of `hessian`, damped.
Matrix inverse_factor(Matrix hessian, double damping) {
  hessian.diagonal().array() += damping * hessian.diagonal().mean();
  const Matrix inverse = hessian.llt().solve(Matrix::Identity(hessian.rows(), hessian.cols()));
  return inverse.llt().matrixU();
}

// Half of H, in input levels: the sum of products over all rows.
Matrix products(const LayerData& layer, int group) {
  const int size = layer.row_size();
  Matrix sum = Matrix::Zero(size, size);
  Matrix rows(layer.positions(), size);
  for (std::int64_t window = 0; window < layer.windows; ++window) {
    for (int p = 0; p < rows.rows(); ++p) layer.gather(window, p, group, rows.row(p).data());
    sum.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose());
  }
  return sum.selfadjointView<Eigen::Lower>();
}

Eigen::VectorXd squared_errors(const Matrix& steps, std::span<const std::int8_t> levels,
                               const Matrix& hessian) {
  const Matrix error =
      steps -
      Eigen::Map<const Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          levels.data(), steps.rows(), steps.cols())
          .cast<double>();
  return (error * hessian).cwiseProduct(error).rowwise().sum();
}

}  // namespace

std::vector<std::int8_t> gptq_levels(std::span<const float> weights, std::span<const float> scales,
                                     std::span<const double> hessian, int largest_level,
                                     double damping) {
  Matrix steps = in_steps(weights, scales);
  const auto zero = (steps.array() == 0).eval();
  const Eigen::Index size = steps.cols();
  const Matrix h = Eigen::Map<const Matrix>(hessian.data(), size, size);
  const Matrix factor =
      h.diagonal().maxCoeff() > 0 ? inverse_factor(h, damping) : Matrix::Identity(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const Eigen::VectorXd nearest =
        steps.col(i).array().rint().max(-largest_level).min(largest_level);
    const Eigen::VectorXd levels = zero.col(i).select(0, nearest);
    const Eigen::VectorXd error = (steps.col(i) - levels) / factor(i, i);
    steps.rightCols(size - i - 1) -= error * factor.row(i).tail(size - i - 1);
    steps.col(i) = levels;
  }
  std::vector<std::int8_t> levels(weights.size());
  std::transform(steps.reshaped<Eigen::RowMajor>().begin(), steps.reshaped<Eigen::RowMajor>().end(),
                 levels.begin(), [](double level) { return static_cast<std::int8_t>(level); });
  return levels;
}

std::vector<std::int8_t> gptq(const LayerData& layer, const graph::Int8Weights& nearest,
                              int largest_level, const GptqOptions& options) {
  if (!(options.damping > 0)) {
    fail(ErrorCode::bad_config, "gptq: damping is {}, expected above 0", options.damping);
  }
  const auto outputs = static_cast<std::size_t>(layer.group_outputs());
  const auto size = static_cast<std::size_t>(layer.row_size());
  std::vector<std::int8_t> all = nearest.values;
  for (int g = 0; g < layer.conv.groups; ++g) {
    const std::size_t first = static_cast<std::size_t>(g) * outputs;
    const auto weights = std::span(layer.weights.values).subspan(first * size, outputs * size);
    const auto scales = std::span(nearest.scales).subspan(first, outputs);
    const auto kept = std::span(all).subspan(first * size, outputs * size);
    const Matrix h = products(layer, g);
    const auto found =
        gptq_levels(weights, scales, {h.data(), size * size}, largest_level, options.damping);
    const Matrix steps = in_steps(weights, scales);
    const Eigen::VectorXd before = squared_errors(steps, kept, h);
    const Eigen::VectorXd after = squared_errors(steps, found, h);
    for (std::size_t c = 0; c < outputs; ++c) {
      if (!(after[static_cast<Eigen::Index>(c)] < before[static_cast<Eigen::Index>(c)])) continue;
      std::copy_n(found.begin() + static_cast<std::ptrdiff_t>(c * size), size,
                  kept.begin() + static_cast<std::ptrdiff_t>(c * size));
    }
  }
  return all;
}

}  // namespace edgeproof::compress
