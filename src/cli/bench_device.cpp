#include "cli/bench_device.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "targets/device.h"

namespace edgeproof::cli {
namespace {

struct Measured {
  std::string model;
  int hop = 0;  // 0: a whole window
  targets::DeviceMeasurement cost;

  std::string name() const { return hop == 0 ? model : fmt::format("{} hop {}", model, hop); }
};

std::string table(const std::vector<Measured>& all, bool layers) {
  std::string text =
      fmt::format("{:<16} {:<11} {:>12} {:>8} {:>12} {:>8} {:>8} {:>8} {:>8}\n", "model", "target",
                  "instructions", "per MAC", "~cycles", "code B", "tables B", "arena B", "stack B");
  for (const Measured& m : all) {
    const targets::DeviceMeasurement& c = m.cost;
    text += fmt::format("{:<16} {:<11} {:>12} {:>8.3f} {:>12} {:>8} {:>8} {:>8} {:>8}\n", m.name(),
                        c.target, c.instructions,
                        static_cast<double>(c.instructions) / static_cast<double>(c.macs),
                        c.cycles > 0 ? fmt::format("{}", c.cycles) : "-", c.code_bytes,
                        c.table_bytes, c.arena_bytes, c.stack_bytes);
  }
  if (!layers) return text;
  for (const Measured& m : all) {
    text += fmt::format("\n{:<50} {:>12}\n", m.name() + " " + m.cost.target, "instructions");
    for (const targets::DeviceLayer& layer : m.cost.layers) {
      text += fmt::format("{:<50} {:>12}\n", layer.name, layer.instructions);
    }
  }
  return text;
}

std::string json_text(const std::vector<Measured>& all) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const Measured& m : all) {
    const targets::DeviceMeasurement& c = m.cost;
    ordered_json entry = {{"model", m.model},
                          {"target", c.target},
                          {"instructions", c.instructions},
                          {"macs", c.macs},
                          {"code_bytes", c.code_bytes},
                          {"table_bytes", c.table_bytes},
                          {"arena_bytes", c.arena_bytes},
                          {"stack_bytes", c.stack_bytes}};
    if (m.hop != 0) entry["hop"] = m.hop;
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
  std::vector<Measured> all;
  for (const NamedModel& model : models) {
    const auto measure = [&](int hop) {
      all.push_back(
          {model.name, hop, targets::measure_on_device(model.graph, options.target, hop)});
    };
    measure(0);
    if (options.hop != 0) measure(options.hop);
  }
  fmt::print("{}", table(all, options.layers));
  if (!options.json.empty()) write_file(options.json, json_text(all));
  for (const Measured& m : all) {
    const targets::DeviceMeasurement& c = m.cost;
    expect_within(c.flash_bytes(), options.max_flash, m.name(), "flash", "--max-flash");
    expect_within(c.ram_bytes(), options.max_ram, m.name(), "RAM", "--max-ram");
  }
}

}  // namespace edgeproof::cli
