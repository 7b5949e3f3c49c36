// Test: data_test.sh.

#include "cli/data_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "results/json_number.h"

namespace edgeproof::cli {
namespace {

using signal::Counts;
using signal::PartSummary;

// What a class is counted in: windows, if it is cut into them.
struct Unit {
  const char* name;
  std::int64_t Counts::*count;
};

Unit unit_of(const DataInfo& info) {
  if (info.window_length > 0) return {"windows", &Counts::windows};
  if (info.source.cut) return {"windows", &Counts::recordings};
  const bool events = std::ranges::any_of(
      info.summary.parts, [](const PartSummary& part) { return part.all.events > 0; });
  return events ? Unit{"events", &Counts::events} : Unit{"samples", &Counts::samples};
}

std::string part_title(const PartSummary& part) {
  return part.part == signal::Part::unassigned ? "all" : std::string(part_name(part.part));
}

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

std::size_t widest(std::span<const std::string> names, std::size_t least) {
  for (const std::string& name : names) least = std::max(least, name.size());
  return least;
}

// "  high_pass(3, 0.3) of total_acc_x"
std::string derivation(const signal::Channel& channel, const std::string& source) {
  return fmt::format("  {} of {}", signal::filter_text(channel.filter), source);
}

std::string channel_table(const DataInfo& info) {
  const auto& channels = info.source.channels;
  std::vector<std::string> names;
  for (const signal::Channel& channel : channels) names.push_back(channel.name);
  const std::size_t width = widest(names, 8);
  std::string text = fmt::format("{:<{}}  {:<6} {:>10} {:>10} {:>10} {:>10} {:>9}\n", "channel",
                                 width, "unit", "min", "max", "mean", "sd", "missing");
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const signal::ChannelSummary& s = info.summary.channels[c];
    const auto source = static_cast<std::size_t>(channels[c].source);
    text += fmt::format("{:<{}}  {:<6} {:>10} {:>10} {:>10} {:>10} {:>7.2f} %{}{}\n", s.name, width,
                        s.unit.empty() ? "-" : s.unit, number(s.min), number(s.max), number(s.mean),
                        number(s.sd), 100 * s.missing,
                        source == c ? "" : derivation(channels[c], channels[source].name),
                        s.constant ? "  constant" : "");
  }
  std::vector<std::string> triads;
  for (const auto& triad : info.source.triads) {
    triads.push_back(fmt::format("{}, {}, {}", names[triad[0]], names[triad[1]], names[triad[2]]));
  }
  if (!triads.empty()) text += fmt::format("three-axis sensors: {}\n", join(triads, "; "));
  return text;
}

std::string class_table(const DataInfo& info) {
  const Unit unit = unit_of(info);
  const std::size_t width = widest(info.source.classes, 8);
  std::string text = fmt::format("{:<{}} ", unit.name, width);
  std::string total = fmt::format("{:<{}} ", "all", width);
  for (const PartSummary& part : info.summary.parts) {
    text += fmt::format(" {:>12}", part_title(part));
    total += fmt::format(" {:>12}", part.all.*unit.count);
  }
  text += '\n';
  for (std::size_t k = 0; k < info.source.classes.size(); ++k) {
    text += fmt::format("{:<{}} ", info.source.classes[k], width);
    for (const PartSummary& part : info.summary.parts) {
      text += fmt::format(" {:>12}", part.classes[k].*unit.count);
    }
    text += '\n';
  }
  return text + total + '\n';
}

std::string group_lines(const DataInfo& info) {
  constexpr std::size_t kShown = 24;
  std::string text;
  for (const PartSummary& part : info.summary.parts) {
    std::vector<std::string> names;
    for (const Counts& group : part.groups) {
      if (names.size() < kShown) names.push_back(group.name);
    }
    const std::size_t more = part.groups.size() - names.size();
    text += fmt::format("groups, {:<11} {:>5}: {}{}\n", part_title(part), part.groups.size(),
                        join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
  }
  return text;
}

std::string leak_lines(const DataInfo& info) {
  if (info.summary.leaks.empty()) return "";
  std::string text = "\nWarning: the split leaks.\n";
  for (const signal::Leak& leak : info.summary.leaks) {
    text += fmt::format("  {} in {} and {}: {}, such as {}\n", leak_text(leak.kind),
                        part_name(leak.first), part_name(leak.second), leak.count, leak.example);
  }
  return text;
}

nlohmann::ordered_json to_json(const Counts& counts) {
  return {{"name", counts.name},
          {"recordings", counts.recordings},
          {"samples", counts.samples},
          {"events", counts.events},
          {"windows", counts.windows}};
}

}  // namespace

std::string info_table(const DataInfo& info) {
  const signal::RecordingSet& source = info.source;
  std::int64_t samples = 0;
  for (const auto& recording : source.recordings) samples += recording.length();
  std::string text = fmt::format("{}\nchecksum    {}\nrate        {:.6g} Hz\n", source.name,
                                 source.checksum, source.rate_hz);
  text += fmt::format("recordings  {}{}, {} samples, {:.1f} min\n", source.recordings.size(),
                      source.cut ? ", each one window" : "", samples,
                      static_cast<double>(samples) / source.rate_hz / 60);
  if (info.window_length > 0) {
    text += fmt::format("windows     {} samples ({:.4g} s){}\n", info.window_length,
                        info.window_length / source.rate_hz,
                        source.cut ? "" : fmt::format(", hop {}", info.hop));
  }
  return text + '\n' + channel_table(info) + '\n' + class_table(info) + '\n' + group_lines(info) +
         leak_lines(info);
}

std::string info_json(const DataInfo& info) {
  const signal::RecordingSet& source = info.source;
  nlohmann::ordered_json all{{"name", source.name},       {"checksum", source.checksum},
                             {"rate_hz", source.rate_hz}, {"recordings", source.recordings.size()},
                             {"cut", source.cut},         {"window_length", info.window_length},
                             {"hop", info.hop},           {"missing", info.summary.missing}};
  all["channels"] = nlohmann::ordered_json::array();
  for (std::size_t c = 0; c < source.channels.size(); ++c) {
    const signal::ChannelSummary& s = info.summary.channels[c];
    all["channels"].push_back({{"name", s.name},
                               {"unit", s.unit},
                               {"derived_from", source.channels[source.channels[c].source].name},
                               {"filter", signal::filter_text(source.channels[c].filter)},
                               {"min", results::json_number(s.min)},
                               {"max", results::json_number(s.max)},
                               {"mean", results::json_number(s.mean)},
                               {"sd", results::json_number(s.sd)},
                               {"missing", s.missing},
                               {"constant", s.constant}});
  }
  all["triads"] = source.triads;
  all["classes"] = source.classes;
  all["parts"] = nlohmann::ordered_json::array();
  for (const PartSummary& part : info.summary.parts) {
    nlohmann::ordered_json one = to_json(part.all);
    one["name"] = part_title(part);
    one["classes"] = nlohmann::ordered_json::array();
    for (const Counts& counts : part.classes) one["classes"].push_back(to_json(counts));
    one["groups"] = nlohmann::ordered_json::array();
    for (const Counts& counts : part.groups) one["groups"].push_back(to_json(counts));
    all["parts"].push_back(one);
  }
  all["leaks"] = nlohmann::ordered_json::array();
  for (const signal::Leak& leak : info.summary.leaks) {
    all["leaks"].push_back({{"kind", leak_text(leak.kind)},
                            {"first", part_name(leak.first)},
                            {"second", part_name(leak.second)},
                            {"count", leak.count},
                            {"example", leak.example}});
  }
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace edgeproof::cli
