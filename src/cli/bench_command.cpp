// edgeproof bench MODEL.onnx | --network r1. Test: bench_test.sh.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/bench_device.h"
#include "cli/bench_plot.h"
#include "cli/bench_speed.h"
#include "cli/commands.h"
#include "cli/model_data.h"
#include "compress/reference_networks.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/text.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "targets/device.h"
#include "targets/host_latency.h"
#include "targets/throughput.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> networks;
  std::string target = "host";
  std::uint64_t max_flash = 0, max_ram = 0;
  std::string isa;
  int runs = 5000;
  bool layers = false;
  int hop = 0;  // 0: no streaming
  std::string json, plot;
};

constexpr int kWindows = 64;

std::vector<float> noise(std::size_t count) {
  const CounterRng rng(1, "bench");
  std::vector<float> values(count);
  for (std::uint32_t i = 0; i < count; ++i) values[i] = static_cast<float>(rng.normal(i));
  return values;
}

Speed measure(const std::string& name, const graph::Graph& graph, const Options& options) {
  const runtime::Plan plan(graph, {.isa = options.isa});
  const std::vector<float> windows = noise(plan.input_size() * kWindows);
  Speed speed{name, plan.is_int8() ? "int8" : "fp32", plan.isa()};
  speed.latency = targets::measure_host_latency(plan, windows, options.runs);
  speed.macs = graph::macs(graph);
  speed.weight_bytes = graph::weight_bytes(graph);
  speed.arena_bytes = plan.arena_bytes();
  speed.peak_gmacs = targets::measure_peak_gmacs(plan);
  speed.threads = available_cores();
  speed.windows_per_s =
      targets::measure_throughput(plan, windows, speed.threads, speed.latency.median_us);
  if (options.hop > 0) {
    const runtime::StreamPlan stream(graph, options.hop, options.isa);
    speed.hop = HopSpeed{stream.macs_per_hop(), stream.state_bytes(),
                         targets::measure_hop_latency(stream, windows, options.runs)};
  }
  if (options.layers || !options.plot.empty()) {
    const auto times = targets::measure_layer_latencies(
        plan, std::span(windows).first(plan.input_size()), options.runs);
    const auto macs = graph::macs_per_node(graph);
    for (std::size_t n = 0; n < times.size(); ++n) {
      const graph::Node& node = graph.nodes[n];
      speed.layers.push_back({node.name, std::string(graph::op_name(node.op)), macs[n], times[n]});
    }
  }
  return speed;
}

std::string marked(const targets::HostLatency& latency) {
  return fmt::format("{:.2f}{}", latency.median_us, latency.disturbed ? "?" : "");
}

bool is_disturbed(const Speed& speed) {
  return speed.latency.disturbed || (speed.hop && speed.hop->latency.disturbed);
}

std::string table(const std::vector<Speed>& speeds, bool layers) {
  std::string text = fmt::format(
      "{:<16} {:<5} {:<11} {:>9} {:>9} {:>8} {:>11} {:>7} {:>7} {:>14} {:>9} {:>9}\n", "model",
      "type", "isa", "median us", "p99 us", "spread %", "windows/s", "GMAC/s", "% peak",
      fmt::format("windows/s x{}", speeds.front().threads), "arena B", "weights B");
  for (const Speed& s : speeds) {
    text += fmt::format(
        "{:<16} {:<5} {:<11} {:>9} {:>9.2f} {:>8.1f} {:>11.0f} {:>7.1f} {:>7} {:>14.0f} {:>9} "
        "{:>9}\n",
        s.name, s.type, s.isa, marked(s.latency), s.latency.p99_us, 100 * s.latency.spread,
        1e6 / s.latency.median_us, s.gmacs(), s.share_of_peak(), s.windows_per_s, s.arena_bytes,
        s.weight_bytes);
  }
  if (speeds.front().hop) {
    text += fmt::format("\n{:<16} {:<5} {:>13} {:>12} {:>11} {:>9} {:>9}\n", "streaming", "type",
                        "MACs of a hop", "of a window", "state B", "median us", "p99 us");
  }
  for (const Speed& s : speeds) {
    if (!s.hop) continue;
    text += fmt::format("{:<16} {:<5} {:>13} {:>12} {:>11} {:>9} {:>9.2f}\n", s.name, s.type,
                        s.hop->macs, s.macs, s.hop->state_bytes, marked(s.hop->latency),
                        s.hop->latency.p99_us);
  }
  if (std::ranges::any_of(speeds, is_disturbed)) {
    text +=
        "? timed while the machine was busy, so that it may be less: run it again when it is "
        "idle\n";
  }
  if (!layers) return text;
  for (const Speed& s : speeds) {
    text += fmt::format("\n{:<26} {:<20} {:>9} {:>9} {:>7}\n", fmt::format("{} {}", s.name, s.type),
                        "layer", "MACs", "median us", "GMAC/s");
    for (const LayerSpeed& l : s.layers) {
      const std::string rate = l.macs > 0 ? fmt::format("{:.1f}", l.gmacs()) : "-";
      text += fmt::format("{:<26} {:<20} {:>9} {:>9.2f} {:>7}\n", l.name, l.op, l.macs, l.us, rate);
    }
  }
  return text;
}

std::string json_text(const std::vector<Speed>& speeds) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const Speed& s : speeds) {
    ordered_json entry = {{"model", s.name},
                          {"type", s.type},
                          {"isa", s.isa},
                          {"runs", s.latency.runs},
                          {"median_us", s.latency.median_us},
                          {"best_us", s.latency.best_us},
                          {"p99_us", s.latency.p99_us},
                          {"spread", s.latency.spread},
                          {"disturbed", s.latency.disturbed},
                          {"macs", s.macs},
                          {"gmacs_per_s", s.gmacs()},
                          {"threads", s.threads},
                          {"windows_per_s", s.windows_per_s},
                          {"arena_bytes", s.arena_bytes},
                          {"weight_bytes", s.weight_bytes}};
    if (s.peak_gmacs > 0) {
      entry["peak_gmacs_per_s"] = s.peak_gmacs;
      entry["share_of_peak"] = s.gmacs() / s.peak_gmacs;
    }
    if (s.hop) {
      entry["hop"] = {{"macs", s.hop->macs},
                      {"state_bytes", s.hop->state_bytes},
                      {"median_us", s.hop->latency.median_us},
                      {"p99_us", s.hop->latency.p99_us},
                      {"disturbed", s.hop->latency.disturbed}};
    }
    for (const LayerSpeed& l : s.layers) {
      entry["layers"].push_back(
          {{"name", l.name}, {"op", l.op}, {"macs", l.macs}, {"median_us", l.us}});
    }
    list.push_back(entry);
  }
  return list.dump(2) + "\n";
}

void run_command(const Options& options) {
  if (options.model.empty() == options.networks.empty()) {
    fail(ErrorCode::bad_config, "bench: give either a MODEL or --network");
  }
  if (options.target != "host") {
    if (!options.plot.empty()) {
      fail(ErrorCode::bad_config, "bench: --plot draws times of this machine, and --target is '{}'",
           options.target);
    }
    std::vector<NamedModel> models;
    if (!options.model.empty()) {
      const auto model = read_model(options.model);
      models.push_back({model.graph.name, model.graph});
    }
    for (const std::string& name : options.networks) {
      models.push_back({name, compress::reference_network(name, true)});
    }
    return bench_on_device(models, {options.target, options.hop, options.layers, options.json,
                                    options.max_flash, options.max_ram});
  }
  std::vector<Speed> speeds;
  if (!options.model.empty()) {
    const auto model = read_model(options.model);
    speeds.push_back(measure(model.graph.name, model.graph, options));
  }
  for (const std::string& name : options.networks) {
    for (const bool int8 : {true, false}) {
      speeds.push_back(measure(name, compress::reference_network(name, int8), options));
    }
  }
  fmt::print("{}", table(speeds, options.layers));
  if (!options.json.empty()) write_file(options.json, json_text(speeds));
  if (!options.plot.empty()) write_file(options.plot, plot_speeds(speeds));
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "How fast a model runs on this machine");
  command->add_option("MODEL", options->model, "ONNX file, FP32 or int8");
  command
      ->add_option("--network", options->networks,
                   "Instead of a model: r1, r2, r3, resnet1d, tcn or inception with random "
                   "weights, in int8 and FP32; may be "
                   "repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--target", options->target,
                   "host, or an emulated microcontroller: " + join(targets::device_targets(), ", "))
      ->capture_default_str();
  command
      ->add_option(
          "--max-flash", options->max_flash,
          "Of a microcontroller: fail if code and tables take more, such as 32KB (of 1024)")
      ->transform(CLI::AsSizeValue(false));
  command
      ->add_option("--max-ram", options->max_ram,
                   "Of a microcontroller: fail if arena and stack take more")
      ->transform(CLI::AsSizeValue(false));
  command->add_option("--isa", options->isa,
                      "Instruction set, for instance avx2; default: EDGEPROOF_ISA, or the best");
  command->add_option("--runs", options->runs, "Windows that are timed")
      ->check(CLI::Range(100, 10000000))
      ->capture_default_str();
  command->add_flag("--layers", options->layers, "Show the time of each layer, too");
  command
      ->add_option("--hop", options->hop,
                   "Overlapping windows that start this many samples apart, too: only what changed "
                   "is computed")
      ->check(CLI::PositiveNumber);
  command->add_option("--json", options->json, "Write the figures to this file, too");
  command->add_option("--plot", options->plot,
                      "Draw the time of each layer into this SVG file, beside what its "
                      "multiply-accumulates take at this core's peak");
  command->footer(
      "Batch 1 on one pinned core, from FP32 window to FP32 logits; \"windows/s xN\" is evaluation "
      "on all\nN cores. \"% peak\" is of what this core does on registers alone with the same "
      "instructions.\n"
      "Of a microcontroller: instructions of an inference (exact, but not cycles: no wait states, "
      "caches or\ndual issue), flash and RAM of the C module, whose outputs are compared with the "
      "host's.\n"
      "Examples:\n"
      "  edgeproof bench out/models/ptq_int8-seed1.onnx --layers\n"
      "  edgeproof bench out/models/ptq_int8-seed1.onnx --hop 16\n"
      "  edgeproof bench --network r1 --network r2 --isa avx2 --json speed.json --plot speed.svg\n"
      "  edgeproof bench out/models/ptq_int8-seed1.onnx --target cortex-m4 --layers");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
