#include "libtorch/taylor.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "libtorch/network.h"
#include "libtorch/window_tensors.h"

namespace edgeproof::libtorch {
namespace {

constexpr std::int64_t kBatch = 64;

}  // namespace

compress::NodeScores taylor_scores(const graph::Graph& fp32, const signal::WindowSet& windows,
                                   int most) {
  if (windows.count < 1) fail(ErrorCode::bad_input, "importance: the set of windows is empty");
  at::set_num_threads(1);
  const std::int64_t count = std::min(windows.count, most);
  std::vector<std::int64_t> spread;
  for (std::int64_t i = 0; i < count; ++i) spread.push_back(i * windows.count / count);
  const torch::Tensor chosen = torch::tensor(spread, torch::kInt64);
  const torch::Tensor values = values_of(windows), labels = labels_of(windows);
  Network network(fp32, {});
  compress::NodeScores scores(fp32.nodes.size());
  for (std::int64_t begin = 0; begin < count; begin += kBatch) {
    const torch::Tensor batch = chosen.slice(0, begin, std::min(count, begin + kBatch));
    const torch::Tensor logits = network.forward(values.index_select(0, batch), Mode::train_frozen);
    const torch::Tensor loss =
        torch::nn::functional::cross_entropy(logits, labels.index_select(0, batch));
    if (!std::isfinite(loss.item<float>())) {
      fail(ErrorCode::bad_input, "importance: the network's loss is not finite");
    }
    loss.backward();
    const auto gates = network.take_gate_gradients();
    for (std::size_t n = 0; n < gates.size(); ++n) {
      scores[n].resize(gates[n].size(), 0);
      for (std::size_t c = 0; c < gates[n].size(); ++c) {
        scores[n][c] += gates[n][c] * gates[n][c];
      }
    }
  }
  const auto batches = static_cast<double>((count + kBatch - 1) / kBatch);
  for (auto& node : scores) {
    for (double& score : node) score /= batches;
  }
  return scores;
}

}  // namespace edgeproof::libtorch
