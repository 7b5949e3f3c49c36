// Examples are spread evenly over a class's windows, training before test, so that they come from
// several groups.

#include "cli/data_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "cli/svg.h"

namespace edgeproof::cli {
namespace {

constexpr double kWidth = 960, kLeft = 148, kRight = 16, kColumnGap = 18, kLane = 54, kLaneGap = 8,
                 kRowGap = 30, kLegendLine = 20;
constexpr std::size_t kColumns = 3, kMaxClasses = 16, kMaxLanes = 6, kInLane = 4;
constexpr double kColumn = (kWidth - kLeft - kRight - (kColumns - 1) * kColumnGap) / kColumns;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr auto kLight =
    ".c0 { stroke: #2f6fb5 } .c1 { stroke: #d1495b } .c2 { stroke: #3a8a55 } "
    ".c3 { stroke: #8a5fb0 } .note { fill: #777; font-size: 11px } .frame { stroke: #e4e4e4 }";
constexpr auto kDark =
    ".c0 { stroke: #6cacf0 } .c1 { stroke: #ff7b8a } .c2 { stroke: #6cc788 } "
    ".c3 { stroke: #c39bea } .note { fill: #999 } .frame { stroke: #33363d }";

struct Lane {
  std::vector<int> channels;
  std::string label, unit;
  double low = kInfinity, high = -kInfinity;
};

// What the names begin with, without the separator; of one name, all of it.
std::string common_name(const Lane& lane, const signal::RecordingSet& source) {
  std::string name = source.channels[lane.channels.front()].name;
  for (const int channel : lane.channels) {
    const std::string& other = source.channels[channel].name;
    const auto [end, unused] = std::mismatch(name.begin(), name.end(), other.begin(), other.end());
    name.erase(end, name.end());
  }
  if (lane.channels.size() > 1) {
    while (!name.empty() && name.find_last_of("_-. ") == name.size() - 1) name.pop_back();
  }
  return shortened(name, 16);
}

std::vector<Lane> lanes_of(const signal::RecordingSet& source) {
  std::vector<Lane> lanes;
  std::vector<bool> taken(source.channels.size());
  for (const auto& triad : source.triads) {
    lanes.push_back({.channels = {triad.begin(), triad.end()}});
    for (const int channel : triad) taken[channel] = true;
  }
  for (std::size_t c = 0; c < taken.size(); ++c) {
    if (taken[c]) continue;
    Lane& lane = lanes.emplace_back();
    for (std::size_t other = c; other < taken.size() && lane.channels.size() < kInLane; ++other) {
      if (taken[other] || source.channels[other].unit != source.channels[c].unit) continue;
      lane.channels.push_back(static_cast<int>(other));
      taken[other] = true;
    }
  }
  lanes.resize(std::min(lanes.size(), kMaxLanes));
  for (Lane& lane : lanes) {
    lane.label = common_name(lane, source);
    lane.unit = source.channels[lane.channels.front()].unit;
  }
  return lanes;
}

// For each class up to kColumns windows.
std::vector<std::vector<signal::Window>> examples_of(const signal::Dataset& dataset) {
  std::vector<std::vector<signal::Window>> all(dataset.source.classes.size());
  for (const auto* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    for (const signal::Window& window : *part) all[window.label].push_back(window);
  }
  for (auto& windows : all) {
    const std::size_t count = std::min(windows.size(), kColumns);
    std::vector<signal::Window> chosen;
    for (std::size_t i = 0; i < count; ++i) {
      chosen.push_back(windows[windows.size() * (2 * i + 1) / (2 * count)]);
    }
    windows = std::move(chosen);
  }
  all.resize(std::min(all.size(), kMaxClasses));
  return all;
}

std::vector<float> values_of(const signal::Dataset& dataset, const signal::Window& window,
                             int channel) {
  const auto& samples = dataset.source.recordings[window.recording].samples;
  const std::size_t channels = dataset.source.channels.size();
  std::vector<float> values;
  for (int t = 0; t < dataset.window_length; ++t) {
    values.push_back(samples[static_cast<std::size_t>(window.start + t) * channels +
                             static_cast<std::size_t>(channel)]);
  }
  return values;
}

// Sample by sample or, of many, down and up within each column of the picture; broken where values
// are missing.
std::string line(std::span<const float> values, double left, double top, const Lane& lane) {
  constexpr std::size_t kColumnsOfLine = 250;
  const std::size_t step = values.size() > 2 * kColumnsOfLine ? values.size() / kColumnsOfLine : 1;
  const auto last = static_cast<double>(std::max<std::size_t>(values.size(), 2) - 1);
  const auto y_of = [&](double value) {
    return top + kLane * (1 - (value - lane.low) / (lane.high - lane.low));
  };
  std::string path;
  bool pen_down = false;
  for (std::size_t i = 0; i < values.size(); i += step) {
    double low = kInfinity, high = -kInfinity;
    for (const float value : values.subspan(i, std::min(step, values.size() - i))) {
      if (std::isnan(value)) continue;
      low = std::min<double>(low, value);
      high = std::max<double>(high, value);
    }
    if (low > high) {
      pen_down = false;
      continue;
    }
    const double x = left + kColumn * static_cast<double>(i) / last;
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', x, y_of(low));
    if (high > low) path += fmt::format("V{:.1f}", y_of(high));
    if (!pen_down && high == low) path += "h.1";  // a point by itself
    pen_down = true;
  }
  return path;
}

void fit_scales(const signal::Dataset& dataset,
                const std::vector<std::vector<signal::Window>>& examples,
                std::vector<Lane>& lanes) {
  for (Lane& lane : lanes) {
    for (const auto& windows : examples) {
      for (const signal::Window& window : windows) {
        for (const int channel : lane.channels) {
          for (const float value : values_of(dataset, window, channel)) {
            if (std::isnan(value)) continue;
            lane.low = std::min<double>(lane.low, value);
            lane.high = std::max<double>(lane.high, value);
          }
        }
      }
    }
    if (!(lane.low < lane.high)) {
      lane.low = (lane.low <= lane.high ? lane.low : 0) - 1;
      lane.high = lane.low + 2;
    }
  }
}

std::string legend(const std::vector<Lane>& lanes, const signal::RecordingSet& source) {
  std::string text;
  double y = 50;
  for (const Lane& lane : lanes) {
    double x = kLeft;
    for (std::size_t i = 0; i < lane.channels.size(); ++i) {
      const std::string& name = source.channels[lane.channels[i]].name;
      text += fmt::format(R"(<path class="c{}" d="M{} {}h18"/><text x="{}" y="{}">{}</text>
)",
                          i, x, y - 4, x + 24, y, escaped(name));
      x += 46 + 7.5 * static_cast<double>(name.size());
    }
    y += kLegendLine;
  }
  return text;
}

// One lane of a row: its scale, then a line for each channel in each column.
std::string lane_of_row(const signal::Dataset& dataset, const std::vector<signal::Window>& windows,
                        const Lane& lane, double top) {
  std::string text = fmt::format(
      R"(<text x="12" y="{}">{}</text><text x="12" y="{}" class="note">{}</text>
<text x="{}" y="{}" text-anchor="end" class="note">{:.3g}</text><text x="{}" y="{}" text-anchor="end" class="note">{:.3g}</text>
)",
      top + 22, escaped(lane.label), top + 37, escaped(lane.unit), kLeft - 6, top + 9, lane.high,
      kLeft - 6, top + kLane, lane.low);
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const double left = kLeft + static_cast<double>(k) * (kColumn + kColumnGap);
    text += fmt::format("<path class=\"frame\" d=\"M{:.1f} {}h{:.1f}M{:.1f} {}h{:.1f}\"/>\n", left,
                        top, kColumn, left, top + kLane, kColumn);
    for (std::size_t i = 0; i < lane.channels.size(); ++i) {
      text += fmt::format("<path class=\"c{}\" d=\"{}\"/>\n", i,
                          line(values_of(dataset, windows[k], lane.channels[i]), left, top, lane));
    }
  }
  return text;
}

}  // namespace

std::string plot_dataset(const signal::Dataset& dataset) {
  const signal::RecordingSet& source = dataset.source;
  std::vector<Lane> lanes = lanes_of(source);
  const auto examples = examples_of(dataset);
  fit_scales(dataset, examples, lanes);
  const double top = 62 + static_cast<double>(lanes.size()) * kLegendLine;
  const double row = static_cast<double>(lanes.size()) * (kLane + kLaneGap) + kRowGap;
  const double bottom = top + static_cast<double>(examples.size()) * row;
  std::size_t shown = 0;
  for (const Lane& lane : lanes) shown += lane.channels.size();

  const std::string title =
      fmt::format("{}: windows of {} samples ({:.4g} s), examples of each class", source.name,
                  dataset.window_length, dataset.window_length / source.rate_hz);
  std::string text = begin_svg(kWidth, bottom + 12, title, kLight, kDark);
  text += fmt::format("<text x=\"12\" y=\"24\" class=\"title\">{}</text>\n", escaped(title));
  text += legend(lanes, source);
  for (std::size_t label = 0; label < examples.size(); ++label) {
    const double above = top + static_cast<double>(label) * row;
    text += fmt::format("<text x=\"12\" y=\"{}\" class=\"title\">{}</text>\n", above + 12,
                        escaped(source.classes[label]));
    for (std::size_t k = 0; k < examples[label].size(); ++k) {
      const auto& recording = source.recordings[examples[label][k].recording];
      text += fmt::format(
          "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"end\" class=\"note\">group {}</text>\n",
          kLeft + static_cast<double>(k) * (kColumn + kColumnGap) + kColumn, above + 12,
          escaped(source.group_names[recording.group]));
    }
    for (std::size_t l = 0; l < lanes.size(); ++l) {
      text += lane_of_row(dataset, examples[label], lanes[l],
                          above + 18 + static_cast<double>(l) * (kLane + kLaneGap));
    }
  }
  std::string more;
  if (source.classes.size() > examples.size()) {
    more += fmt::format("{} further classes. ", source.classes.size() - examples.size());
  }
  if (source.channels.size() > shown) {
    more += fmt::format("{} further channels.", source.channels.size() - shown);
  }
  if (!more.empty()) {
    text +=
        fmt::format("<text x=\"{}\" y=\"{}\" class=\"note\">{}</text>\n", kLeft, bottom + 2, more);
  }
  return text + "</svg>\n";
}

}  // namespace edgeproof::cli
