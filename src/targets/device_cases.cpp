// Test: device_test.cpp.

#include "targets/device_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/random.h"
#include "runtime/workspace.h"

namespace edgeproof::targets {
namespace {

std::string rows(const std::string& name, const std::string& size,
                 const std::vector<std::vector<std::int8_t>>& values) {
  std::string text = fmt::format("static const int8_t {}[CASES][{}] = {{\n", name, size);
  for (const auto& row : values) text += fmt::format("{{{}}},\n", fmt::join(row, ","));
  return text + "};\n";
}

}  // namespace

std::string device_cases(const graph::Graph& graph, int hop) {
  const runtime::Plan plan(graph, {.keep_all = true});
  runtime::Workspace workspace(plan);
  const CounterRng rng(1, "device");
  std::vector<float> window(plan.input_size()), logits(plan.output_size());
  std::vector<std::vector<std::int8_t>> inputs, outputs;
  const int last = static_cast<int>(graph.nodes.size()) - 1;
  const std::size_t fresh =
      hop == 0 ? window.size() : static_cast<std::size_t>(hop * graph.input_shape().channels);
  const std::uint32_t first = hop == 0 ? 0 : 1;  // that is a case
  std::string start;
  for (std::uint32_t w = 0; w < kDeviceCases + first; ++w) {
    const std::size_t kept = w < first ? 0 : window.size() - fresh;
    std::copy(window.end() - static_cast<std::ptrdiff_t>(kept), window.end(), window.begin());
    for (std::size_t i = kept; i < window.size(); ++i) {
      window[i] = static_cast<float>(rng.normal(w, static_cast<std::uint32_t>(i)));
    }
    runtime::run(plan, workspace, window, logits);
    const auto in = runtime::node_output<std::int8_t>(plan, workspace, 0);
    const auto out = runtime::node_output<std::int8_t>(plan, workspace, last);
    if (w < first) {
      start = fmt::format("static const int8_t first_window[] = {{{}}};\n", fmt::join(in, ","));
      continue;
    }
    inputs.emplace_back(in.end() - static_cast<std::ptrdiff_t>(fresh), in.end());
    outputs.emplace_back(out.begin(), out.end());
  }
  return fmt::format("#include \"model.h\"\n#define CASES {}\n#define STREAMS {}\n", kDeviceCases,
                     first) +
         start + rows("case_inputs", std::to_string(fresh), inputs) +
         rows("case_outputs", "EP_OUTPUT_SIZE", outputs);
}

}  // namespace edgeproof::targets
