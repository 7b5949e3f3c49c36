// example_data FOLDER: a model, a recording and a signal for examples/, and what they must make of
// them, as the modules inside have it. examples/test.sh compares.

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "api/api_testing.h"
#include "core/files.h"
#include "faults/injector.h"
#include "runtime/workspace.h"
#include "signal/pipeline.h"

namespace edgeproof {
namespace {

constexpr int kSamples = 2000;

std::string lines(std::span<const float> values, std::size_t a_line) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += fmt::format("{:.9g}{}", values[i], (i + 1) % a_line == 0 ? '\n' : ' ');
  }
  return text;
}

// Noise about levels that change every second, far enough for the random network to see classes.
std::vector<float> recording() {
  std::vector<float> values = api::noise(std::size_t{kSamples} * 9);
  const std::vector<float> levels = api::noise(values.size() / 50, 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 8 * levels[i / (50 * 9) * 9 + i % 9];
  return values;
}

std::string labels_of(const formats::Model& model, std::span<const float> samples) {
  const formats::Deployment deployment = api::deployment();
  const std::vector<float> prepared = signal::prepare_recording(deployment.pipeline, samples);
  const runtime::Plan plan(model.graph);
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  std::string text;
  for (int first = 0; first + deployment.window_length <= kSamples; first += deployment.hop) {
    runtime::run(
        plan, workspace,
        std::span(prepared).subspan(static_cast<std::size_t>(first) * 9, plan.input_size()),
        logits);
    const auto label = std::ranges::max_element(logits) - logits.begin();
    text += deployment.labels[static_cast<std::size_t>(label)] + '\n';
  }
  return text;
}

std::string broken(std::vector<float> samples, const std::string& fault, int severity) {
  signal::Dataset dataset{.source = {.channels = {{"x", "", 0}}}, .window_length = kSamples};
  dataset.source.recordings.push_back({.samples = samples});
  dataset.train.push_back({});
  const signal::Statistics statistics = signal::training_statistics(dataset);
  const std::vector<float> clean = samples;
  faults::inject(faults::parse_fault(fault), severity,
                 {50, dataset.source.channels, {}, statistics.mean, statistics.sd, 1},
                 {samples, 0});
  std::string text;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool changed = std::memcmp(&samples[i], &clean[i], sizeof(float)) != 0;
    text += fmt::format("{:.9g}{}\n", samples[i], changed ? " *" : "");
  }
  return text;
}

void write_example_data(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const formats::Model model = api::made_inside(true);
  const std::vector<float> samples = recording(), signal = api::noise(kSamples, 2);
  write_file(folder / "model.onnx", formats::to_onnx(model));
  write_file(folder / "recording.txt", lines(samples, 9));
  write_file(folder / "labels.txt", labels_of(model, samples));
  write_file(folder / "signal.txt", lines(signal, 1));
  write_file(folder / "broken.txt", broken(signal, "missing(p=0.1) + drift(sd=1)", 3));
}

}  // namespace
}  // namespace edgeproof

int main(int argc, char** argv) {
  if (argc == 2) edgeproof::write_example_data(argv[1]);
  return argc == 2 ? 0 : 2;
}
