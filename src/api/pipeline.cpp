#include "edgeproof/pipeline.h"

#include "api/inside.h"
#include "core/error.h"

namespace edgeproof {

std::vector<float> prepare(const Pipeline& pipeline, std::span<const float> recording) {
  const std::size_t channels = pipeline.sensors.channels.size();
  if (channels == 0) fail(ErrorCode::bad_config, "the pipeline has no channels");
  if (recording.size() % channels != 0) {
    fail(ErrorCode::bad_input, "a recording of {} values, expected a multiple of {} channels",
         recording.size(), channels);
  }
  return signal::prepare_recording(api::pipeline_of(pipeline), recording);
}

Windows cut_windows(const Pipeline& pipeline, std::span<const float> recording) {
  if (pipeline.window_length < 1 || pipeline.hop < 1) {
    fail(ErrorCode::bad_config, "a window of {} samples every {}, expected at least one and one",
         pipeline.window_length, pipeline.hop);
  }
  const std::vector<float> prepared = prepare(pipeline, recording);
  Windows windows{.length = pipeline.window_length, .channels = pipeline.input_channels()};
  const auto channels = static_cast<std::size_t>(windows.channels);
  const std::size_t size = static_cast<std::size_t>(windows.length) * channels;
  const std::size_t step = static_cast<std::size_t>(pipeline.hop) * channels;
  for (std::size_t at = 0; at + size <= prepared.size(); at += step) {
    const auto window = std::span(prepared).subspan(at, size);
    windows.values.insert(windows.values.end(), window.begin(), window.end());
    ++windows.count;
  }
  return windows;
}

signal::Pipeline api::pipeline_of(const Pipeline& pipeline) {
  return {static_cast<signal::Imputation>(pipeline.imputation), statistics_of(pipeline.sensors)};
}

static_assert(static_cast<int>(signal::Imputation::hold) == static_cast<int>(Imputation::hold));
static_assert(static_cast<int>(signal::Imputation::linear) == static_cast<int>(Imputation::linear));
static_assert(static_cast<int>(signal::Imputation::mean) == static_cast<int>(Imputation::mean));
static_assert(static_cast<int>(signal::Imputation::mask) == static_cast<int>(Imputation::mask));

}  // namespace edgeproof
