#include "cli/bench_device.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "graph/cost.h"
#include "targets/device.h"

namespace edgeproof::cli {
namespace {

std::string table(const std::vector<NamedModel>& models,
                  const std::vector<targets::DeviceCost>& costs, bool layers) {
  std::string text =
      fmt::format("{:<16} {:<11} {:>12} {:>8} {:>12} {:>8} {:>8} {:>8} {:>8}\n", "model", "target",
                  "instructions", "per MAC", "~cycles", "code B", "tables B", "arena B", "stack B");
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const targets::DeviceCost& c = costs[i];
    const auto macs = static_cast<double>(graph::macs(models[i].graph));
    text += fmt::format("{:<16} {:<11} {:>12} {:>8.3f} {:>12} {:>8} {:>8} {:>8} {:>8}\n",
                        models[i].name, c.target, c.instructions,
                        static_cast<double>(c.instructions) / macs,
                        c.cycles > 0 ? fmt::format("{}", c.cycles) : "-", c.code_bytes,
                        c.table_bytes, c.arena_bytes, c.stack_bytes);
  }
  for (std::size_t i = 0; layers && i < costs.size(); ++i) {
    text +=
        fmt::format("\n{:<50} {:>12}\n", models[i].name + " " + costs[i].target, "instructions");
    for (const targets::DeviceLayer& layer : costs[i].layers) {
      text += fmt::format("{:<50} {:>12}\n", layer.name, layer.instructions);
    }
  }
  return text;
}

std::string json_text(const std::vector<NamedModel>& models,
                      const std::vector<targets::DeviceCost>& costs) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const targets::DeviceCost& c = costs[i];
    ordered_json entry = {{"model", models[i].name},        {"target", c.target},
                          {"instructions", c.instructions}, {"macs", graph::macs(models[i].graph)},
                          {"code_bytes", c.code_bytes},     {"table_bytes", c.table_bytes},
                          {"arena_bytes", c.arena_bytes},   {"stack_bytes", c.stack_bytes}};
    if (c.cycles > 0) entry["estimated_cycles"] = c.cycles;
    for (const targets::DeviceLayer& layer : c.layers) {
      entry["layers"].push_back({{"name", layer.name}, {"instructions", layer.instructions}});
    }
    list.push_back(entry);
  }
  return list.dump(2) + "\n";
}

void expect_within(std::int64_t bytes, std::uint64_t most, const std::string& model,
                   const char* what, const char* option) {
  if (most == 0 || static_cast<std::uint64_t>(bytes) <= most) return;
  fail(ErrorCode::bad_input, "{} takes {} bytes of {}, more than {} {}", model, bytes, what, option,
       most);
}

}  // namespace

void bench_on_device(const std::vector<NamedModel>& models, const DeviceBench& options) {
  std::vector<targets::DeviceCost> costs;
  for (const NamedModel& model : models) {
    costs.push_back(targets::measure_on_device(model.graph, options.target));
  }
  fmt::print("{}", table(models, costs, options.layers));
  if (!options.json.empty()) write_file(options.json, json_text(models, costs));
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const targets::DeviceCost& c = costs[i];
    expect_within(c.code_bytes + c.table_bytes, options.max_flash, models[i].name, "flash",
                  "--max-flash");
    expect_within(c.arena_bytes + c.stack_bytes, options.max_ram, models[i].name, "RAM",
                  "--max-ram");
  }
}

}  // namespace edgeproof::cli
