#pragma once

// For tests of ep_push(): a program that feeds it counts, and what the host makes of the same
// counts.

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "formats/metadata.h"
#include "formats/onnx.h"
#include "runtime/workspace.h"

namespace edgeproof::formats {

inline constexpr std::int16_t kMissingCount = -32768;

// Counts in, label and scores of each window out; RESET_AT: the sample before which all is
// forgotten.
inline constexpr const char* kPushMain = R"(
#include <stdio.h>
#include "model.h"
#ifndef RESET_AT
#define RESET_AT -1
#endif
int main(void)
{
  int t = 0;
  int16_t counts[EP_SENSORS];
  int8_t scores[EP_OUTPUT_SIZE];
  while (fread(counts, 1, sizeof counts, stdin) == sizeof counts) {
    int label;
    if (t++ == RESET_AT) ep_reset();
    label = ep_push(counts, scores);
    if (label < 0) continue;
    putchar(label);
    fwrite(scores, 1, sizeof scores, stdout);
  }
  return 0;
}
)";

inline std::string as_bytes(const std::vector<std::int16_t>& counts) {
  std::string bytes(counts.size() * 2, 0);
  std::memcpy(bytes.data(), counts.data(), bytes.size());
  return bytes;
}

// Label and scores of each window by pipeline and runtime. With a look-ahead, in samples, each
// window is prepared as if the recording ended so far behind it.
inline std::string host_push(const Model& model, const std::vector<std::int16_t>& counts,
                             const std::vector<double>& units, int look_ahead = -1) {
  const Deployment deployment = from_metadata(model.metadata, "model");
  std::vector<float> samples;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    samples.push_back(counts[i] == kMissingCount
                          ? std::numeric_limits<float>::quiet_NaN()
                          : static_cast<float>(counts[i] * units[i % units.size()]));
  }
  const runtime::Plan plan(model.graph, {.keep_all = true});
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  const auto row = static_cast<std::size_t>(deployment.pipeline.input_channels());
  const int length = deployment.window_length;
  const int count = static_cast<int>(counts.size() / units.size());
  std::vector<float> prepared = signal::prepare_recording(deployment.pipeline, samples);
  std::string out;
  for (int start = 0; start + length + std::max(look_ahead, 0) <= count; start += deployment.hop) {
    if (look_ahead >= 0) {
      const auto seen = static_cast<std::size_t>(start + length + look_ahead) * units.size();
      prepared =
          signal::prepare_recording(deployment.pipeline, std::span(samples).subspan(0, seen));
    }
    runtime::run(plan, workspace,
                 std::span(prepared).subspan(static_cast<std::size_t>(start) * row, length * row),
                 logits);
    const auto scores = runtime::node_output<std::int8_t>(
        plan, workspace, static_cast<int>(model.graph.nodes.size()) - 1);
    out.push_back(static_cast<char>(std::ranges::max_element(scores) - scores.begin()));
    out.append(scores.begin(), scores.end());
  }
  return out;
}

}  // namespace edgeproof::formats
