// edgeproof data info|plot|convert|fetch

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/data_fetch.h"
#include "cli/data_info.h"
#include "cli/data_plot.h"
#include "cli/data_source.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "experiment/recordings.h"
#include "signal/pipeline.h"
#include "signal/readers/presets.h"
#include "signal/streams/dataset_writer.h"
#include "signal/summary.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  SourceOptions source;
  std::string output;
  std::string format = "table";
  std::string statistics;
  bool streams = false;
  FetchOptions fetch;
};

CLI::App* add_command(CLI::App& data, const std::string& name, const std::string& meaning,
                      Options& options) {
  CLI::App* command = data.add_subcommand(name, meaning);
  command->add_option("SOURCE", options.source.source, sources_help())->required();
  command->add_option("--data-dir", options.source.data_dir,
                      "Folder that data is in (default: here; then what 'data fetch' got)");
  command
      ->add_option("--set", options.source.settings,
                   "KEY=VALUE of [data], or SECTION.KEY=VALUE, as in study.toml; may be repeated")
      ->allow_extra_args(false);
  return command;
}

// The table channel,mean,sd that 'edgeproof inject --statistics' reads.
std::string statistics_table(const std::vector<signal::Channel>& channels,
                             const signal::Statistics& statistics) {
  std::string text = "channel,mean,sd\n";
  for (std::size_t c = 0; c < channels.size(); ++c) {
    text += fmt::format("{},{},{}\n", channels[c].name, statistics.mean[c], statistics.sd[c]);
  }
  return text;
}

signal::Statistics statistics_of(const signal::Summary& summary) {
  signal::Statistics statistics;
  for (const signal::ChannelSummary& channel : summary.channels) {
    statistics.mean.push_back(static_cast<float>(channel.mean));
    statistics.sd.push_back(channel.constant ? 1 : static_cast<float>(channel.sd));
  }
  return statistics;
}

void print(const DataInfo& info, const Options& options) {
  fmt::print("{}", options.format == "json" ? info_json(info) : info_table(info));
}

// A source without a split is shown whole, not in windows.
void run_info(const Options& options) {
  const DataSource source = find_source(options.source);
  if (source.split) {
    const signal::Dataset dataset = load_windows(source);
    const signal::Summary summary = signal::summarize(dataset);
    if (!options.statistics.empty()) {
      write_file(options.statistics,
                 statistics_table(dataset.source.channels, signal::training_statistics(dataset)));
    }
    print({dataset.source, summary, dataset.window_length, dataset.hop}, options);
    return;
  }
  const signal::RecordingSet set = experiment::load_recordings(source.config.data, source.base);
  const signal::Summary summary = signal::summarize(set);
  if (!options.statistics.empty()) {
    write_file(options.statistics, statistics_table(set.channels, statistics_of(summary)));
  }
  print({set, summary}, options);
}

void run_plot(const Options& options) {
  write_file(options.output, plot_dataset(load_windows(find_source(options.source))));
}

void run_convert(const Options& options) {
  const std::string ending = fs::path(options.output).extension().string();
  if (ending != ".npz" && ending != ".csv") {
    fail(ErrorCode::bad_config, "-o is '{}', expected a name that ends in .npz or .csv",
         options.output);
  }
  const DataSource source = find_source(options.source);
  if (ending == ".npz" && !options.streams) {
    signal::write_windows(load_windows(source), source.split, options.output);
    return;
  }
  const signal::RecordingSet set = experiment::load_recordings(source.config.data, source.base);
  if (ending == ".npz") {
    signal::write_stream_npz(set, options.output);
  } else {
    signal::write_stream_csv(set, options.output);
  }
}

void add_info(CLI::App& data) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      data, "info", "What is in a data set: channels, classes, groups, leaks", *options);
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->add_option("--statistics", options->statistics,
                      "CSV of channel,mean,sd of the training part (of all, if there is none), "
                      "for 'edgeproof inject --statistics'");
  command->callback([options] { run_info(*options); });
}

void add_plot(CLI::App& data) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(data, "plot", "A picture with some windows of each class", *options);
  command->add_option("-o,--output", options->output, "SVG file to write")->required();
  command->callback([options] { run_plot(*options); });
}

void add_convert(CLI::App& data) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(data, "convert", "Windows or streams as NPZ, streams as CSV", *options);
  command
      ->add_option("-o,--output", options->output,
                   "OUT.npz: windows x, y, groups, part; OUT.csv: a stream")
      ->required();
  command->add_flag("--streams", options->streams, "NPZ: a stream x [T, C], y, groups, recordings");
  command->callback([options] { run_convert(*options); });
}

void add_fetch(CLI::App& data) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      data.add_subcommand("fetch", "Download a published data set, and check what came");
  command->add_option("PRESET", options->fetch.preset, join(signal::preset_names(), ", "))
      ->required();
  command->add_option("-o,--output", options->fetch.folder,
                      "Folder (default: $XDG_CACHE_HOME/edgeproof or ~/.cache/edgeproof)");
  command->add_option(
      "--from", options->fetch.from,
      "Another address of the archive (cwru: of the folder with 105.mat and so on)");
  command->callback([options] { fetch(options->fetch); });
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Look at data sets, convert and download them");
  data->require_subcommand(1);
  add_info(*data);
  add_plot(*data);
  add_convert(*data);
  add_fetch(*data);
  data->footer(
      "Examples:\n"
      "  edgeproof data info uci_har --data-dir DIR\n"
      "  edgeproof data info walk.csv --set rate_hz=50 --set label_column=activity\n"
      "  edgeproof data plot mitbih --set window.length=300 -o beats.svg\n"
      "  edgeproof data convert rig.mat --set 'channels=[\"DE_time\"]' --set rate_hz=12000 -o "
      "rig.csv\n"
      "  edgeproof data fetch ucr:BasicMotions");
}

}  // namespace edgeproof::cli
