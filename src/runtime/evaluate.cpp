// Windows are handed out in blocks, each with its own workspace and counters; counters are added up
// in the blocks' order.

#include "runtime/evaluate.h"

#include "core/error.h"
#include "core/parallel.h"
#include "runtime/workspace.h"

namespace edgeproof::runtime {
namespace {

constexpr int kWindowsPerBlock = 32;

}  // namespace

Evaluation evaluate(const Plan& plan, std::span<const float> windows, int count, int threads) {
  if (count < 0 || windows.size() != plan.input_size() * static_cast<std::size_t>(count)) {
    fail(ErrorCode::bad_input, "{} windows hold {} values, expected {} each", count, windows.size(),
         plan.input_size());
  }
  const std::size_t in = plan.input_size();
  const std::size_t out = plan.output_size();
  const std::size_t nodes = plan.shapes().size();
  Evaluation result;
  result.classes = static_cast<int>(out);
  result.logits.resize(static_cast<std::size_t>(count) * out);
  const int blocks = (count + kWindowsPerBlock - 1) / kWindowsPerBlock;
  std::vector<std::int64_t> clipped(static_cast<std::size_t>(blocks) * nodes, 0);

  parallel_for(blocks, threads, [&](int block) {
    Workspace workspace(plan);
    const int first = block * kWindowsPerBlock;
    for (int i = first; i < std::min(first + kWindowsPerBlock, count); ++i) {
      run(plan, workspace, windows.subspan(static_cast<std::size_t>(i) * in, in),
          std::span(result.logits).subspan(static_cast<std::size_t>(i) * out, out));
      for (std::size_t n = 0; n < nodes; ++n) {
        clipped[static_cast<std::size_t>(block) * nodes + n] += workspace.clipped()[n];
      }
    }
  });

  result.clipped.resize(nodes, 0);
  for (std::size_t i = 0; i < clipped.size(); ++i) result.clipped[i % nodes] += clipped[i];
  for (const graph::Shape& shape : plan.shapes()) {
    result.activations.push_back(std::int64_t{shape.size()} * count);
  }
  return result;
}

}  // namespace edgeproof::runtime
