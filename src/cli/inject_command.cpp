// edgeproof inject IN --fault NAME[(param=value,…)] … -o OUT

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "cli/commands.h"
#include "cli/fault_plot.h"
#include "core/error.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "faults/injector.h"
#include "faults/truth.h"
#include "signal/streams/stream.h"
#include "signal/streams/survey.h"

namespace edgeproof::cli {
namespace {

struct Options {
  signal::StreamOptions stream;
  std::string format;
  std::vector<std::string> faults;
  int severity = 3;
  std::uint64_t seed = 1;
  std::vector<std::string> channels;
  double from_s = -1, to_s = -1;
  std::vector<std::string> triads;
  std::int64_t length = 0;
  std::string statistics;
  std::string plot, truth;
};

bool is_npz(const Options& options) {
  if (!options.format.empty()) return options.format == "npz";
  return options.stream.input.extension() == ".npz";
}

std::unique_ptr<signal::SignalStream> open(const Options& options, bool with_output) {
  signal::StreamOptions stream = options.stream;
  if (!with_output) stream.output.clear();
  return is_npz(options) ? signal::open_npz_stream(stream) : signal::open_csv_stream(stream);
}

std::vector<std::array<int, 3>> triads_of(const Options& options,
                                          const std::vector<std::string>& channels) {
  std::vector<std::array<int, 3>> triads;
  for (const std::string& text : options.triads) {
    const auto names = split(text, ',');
    if (names.size() != 3) {
      fail(ErrorCode::bad_config, "--triad is '{}', expected three channels: x,y,z", text);
    }
    auto& triad = triads.emplace_back();
    for (std::size_t k = 0; k < 3; ++k) {
      const auto found = std::ranges::find(channels, trim(names[k]));
      if (found == channels.end()) {
        fail(ErrorCode::bad_config, "--triad: there is no channel '{}'{}", trim(names[k]),
             did_you_mean(trim(names[k]), channels));
      }
      triad[k] = static_cast<int>(found - channels.begin());
    }
  }
  return triads;
}

std::vector<faults::Fault> faults_of(const Options& options) {
  std::vector<faults::Fault> faults;
  for (const std::string& text : options.faults) {
    faults::Fault& fault = faults.emplace_back(faults::parse_fault(text));
    if (fault.channels.empty()) fault.channels = options.channels;
    if (options.from_s >= 0 && fault.from_s == 0) fault.from_s = options.from_s;
    if (options.to_s >= 0 && std::isinf(fault.to_s)) fault.to_s = options.to_s;
    if (!(fault.from_s < fault.to_s)) {
      fail(ErrorCode::bad_config, "expected --from before --to, found {} and {}", fault.from_s,
           fault.to_s);
    }
  }
  return faults;
}

// What of a recording must be known beforehand, if any fault needs it.
signal::Survey survey_for(const std::vector<faults::Fault>& faults, const Options& options) {
  std::string length, statistics;
  for (const faults::Fault& fault : faults) {
    for (const faults::Part& part : fault.parts) {
      const faults::Definition& d = *part.definition;
      if (d.needs_length && std::isinf(fault.to_s) && options.length == 0) length = d.name;
      if (d.needs_statistics && options.statistics.empty()) statistics = d.name;
    }
  }
  signal::Survey result;
  if (options.stream.input == "-") {
    if (!length.empty()) {
      fail(
          ErrorCode::bad_config,
          "fault '{}' needs to know how long the stream is, and a pipe does not say: give --length "
          "or --to",
          length);
    }
    if (!statistics.empty()) {
      fail(ErrorCode::bad_config,
           "fault '{}' needs mean and sd of the channels, and a pipe can be read only once: give "
           "--statistics",
           statistics);
    }
  } else if (!length.empty() || !statistics.empty()) {
    result = signal::survey_stream(*open(options, false), options.stream.input.string());
  }
  if (options.length > 0) result.length = options.length;
  return result;
}

void run_command(const Options& options) {
  const std::vector<faults::Fault> faults = faults_of(options);
  signal::Survey known = survey_for(faults, options);
  const auto stream = open(options, true);
  const std::vector<std::string>& names = stream->channels();
  if (!options.statistics.empty()) {
    known.statistics = signal::read_statistics(options.statistics, names);
  }
  std::vector<signal::Channel> channels;
  for (std::size_t c = 0; c < names.size(); ++c) {
    channels.push_back({.name = names[c], .unit = "", .source = static_cast<int>(c)});
  }
  const auto triads = triads_of(options, names);
  const faults::Context context{.rate_hz = stream->rate_hz(),
                                .channels = channels,
                                .triads = triads,
                                .mean = known.statistics.mean,
                                .sd = known.statistics.sd,
                                .seed = options.seed};
  std::vector<faults::Step> steps;
  for (const faults::Fault& fault : faults) {
    for (auto& step : faults::steps(fault, options.severity, context)) steps.push_back(step);
  }
  std::vector<std::string> step_names;
  for (const faults::Step& step : steps) {
    step_names.push_back(fmt::format("{}({}={})", step.definition->name,
                                     step.definition->parameter.name, step.value));
  }
  std::optional<faults::TruthFile> truth;
  if (!options.truth.empty()) truth.emplace(options.truth, step_names, names);
  std::optional<FaultPlot> plot;
  if (!options.plot.empty()) plot.emplace(names, stream->rate_hz(), join(step_names, " + "));

  for (std::uint32_t recording = 0; stream->next_recording(); ++recording) {
    const std::int64_t length =
        stream->length().value_or(known.length > 0 ? known.length : faults::kUnknownLength);
    faults::Injector injector(steps, context, recording, length);
    if (truth) {
      injector.observe([&](std::size_t step, const faults::Frames& before,
                           const faults::Frames& after) { truth->add(step, before, after); });
    }
    std::vector<float> clean;  // of frames that have not come out yet, for the plot
    const bool plotted = plot && recording == 0;
    const auto give = [&](const std::vector<float>& ready) {
      stream->write(ready);
      if (!plotted) return;
      plot->add(std::span(clean).first(ready.size()), ready);
      clean.erase(clean.begin(), clean.begin() + static_cast<std::ptrdiff_t>(ready.size()));
    };
    for (std::vector<float> frames; !(frames = stream->read()).empty();) {
      throw_if_interrupted();
      if (plotted) clean.insert(clean.end(), frames.begin(), frames.end());
      give(injector.push(frames));
    }
    give(injector.finish());
    if (truth) truth->end_recording();
  }
  if (plot) write_file(options.plot, plot->svg());
  if (truth) truth->finish();
  stream->finish();
}

}  // namespace

void add_inject(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inject", "Break the sensors in a file of signals (CSV or NPZ)");
  const auto text = [&](const char* name, auto& value, const char* meaning) {
    return command->add_option(name, value, meaning);
  };
  text("IN", options->stream.input, "CSV or NPZ file; - is standard input")->required();
  text("--fault", options->faults,
       "NAME or NAME(parameter=value, …); several are applied in their order")
      ->required()
      ->allow_extra_args(false);
  text("-o,--output", options->stream.output, "File to write; - is standard output")->required();
  text("--severity", options->severity, "1 to 5, for faults without a value of their own; 0: none")
      ->check(CLI::Range(0, faults::kMaxSeverity))
      ->capture_default_str();
  text("--seed", options->seed, "Of the draws")->capture_default_str();
  text("--channels", options->channels, "Only these, separated by commas")->delimiter(',');
  text("--from", options->from_s, "Second in which the fault begins")
      ->check(CLI::NonNegativeNumber);
  text("--to", options->to_s, "Second in which it ends")->check(CLI::NonNegativeNumber);
  text("--rate", options->stream.rate_hz, "Samples per second; CSV: default from the times")
      ->check(CLI::PositiveNumber);
  text("--triad", options->triads, "A three-axis sensor, x,y,z, for rotation; may be repeated")
      ->allow_extra_args(false);
  text("--statistics", options->statistics,
       "Table channel,mean,sd of clean training data; default: of the file itself");
  text("--length", options->length, "Samples of a stream that comes through a pipe")
      ->check(CLI::PositiveNumber);
  text("--plot", options->plot, "SVG of clean against faulty signals");
  text("--truth", options->truth, "CSV of which samples each fault touched");
  text("--format", options->format, "csv or npz; default: by the file's name, csv for a pipe")
      ->check(CLI::IsMember({"csv", "npz"}));
  text("--time", options->stream.time_column,
       "CSV: column of times in seconds; default: time, t, time_s or timestamp");
  text("--ignore", options->stream.ignore, "CSV: columns that are no signals")->delimiter(',');
  text("--separator", options->stream.separator, "CSV: one character");
  text("--array", options->stream.array, "NPZ: windows [N, L, C] or a stream [T, C]")
      ->capture_default_str();
  text("--names", options->stream.names, "NPZ: names of the channels")->delimiter(',');
  command->footer(
      "Examples:\n"
      "  edgeproof inject walk.csv --fault drift --severity 3 -o drifting.csv --plot drift.svg\n"
      "  edgeproof inject walk.csv --fault 'impulse(p=0.01)' --fault missing_burst -o bad.csv \\\n"
      "    --channels ax,ay --from 10 --to 20 --truth touched.csv\n"
      "  edgeproof inject windows.npz --rate 50 --fault hum -o humming.npz\n"
      "  sensor | edgeproof inject - --rate 100 --fault stuck --to 60 -o - | device\n"
      "'edgeproof faults' lists the faults.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
