#include "cli/bench_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/svg.h"

namespace edgeproof::cli {
namespace {

constexpr double kWidth = 960, kLeft = 190, kRight = 230, kTop = 76, kRow = 20, kBar = 13,
                 kTitle = 28, kPanelGap = 46;
constexpr double kScale = kWidth - kLeft - kRight;

constexpr auto kLight =
    ".bar { fill: #2f6fb5 } .other { fill: #9aa3ad } .peak { stroke: #d1495b; stroke-width: 2 } "
    ".note { fill: #777; font-size: 11px }";
constexpr auto kDark =
    ".bar { fill: #6cacf0 } .other { fill: #6b7480 } .peak { stroke: #ff7b8a } .note { fill: #999 "
    "}";

// Where the multiply-accumulates would end at the peak, us; 0 if there are none, or it is not
// known.
double at_peak(const Speed& speed, const LayerSpeed& layer) {
  return speed.peak_gmacs > 0 ? static_cast<double>(layer.macs) / speed.peak_gmacs / 1000 : 0;
}

// 1, 2 or 5 times a power of ten, so that four to ten fit.
double tick_of(double longest) {
  const double power = std::pow(10, std::floor(std::log10(longest / 4)));
  for (const double times : {5, 2}) {
    if (times * power <= longest / 4) return times * power;
  }
  return power;
}

std::string row(const Speed& speed, const LayerSpeed& layer, double y, double us_width) {
  const double end = kLeft + layer.us * us_width, peak = at_peak(speed, layer);
  std::string text = fmt::format(
      "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
      "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"/>",
      kLeft - 8, y + 11, escaped(shortened(layer.name, 24)), layer.macs > 0 ? "bar" : "other",
      kLeft, y, std::max(layer.us * us_width, 0.5), kBar);
  std::string label = fmt::format("{:.2f} us", layer.us);
  if (layer.macs > 0 && layer.us > 0) {
    label += fmt::format(", {:.3g} GMAC/s", layer.gmacs());
  }
  if (peak > 0) {
    text += fmt::format("<path class=\"peak\" d=\"M{:.1f} {:.1f}v{}\"/>", kLeft + peak * us_width,
                        y - 2, kBar + 4);
  }
  return text + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"note\">{}</text>\n",
                            std::max(end, kLeft + peak * us_width) + 7, y + 10.5, label);
}

}  // namespace

std::string plot_speeds(const std::vector<Speed>& speeds) {
  double longest = 0.01, height = kTop;
  for (const Speed& speed : speeds) {
    for (const LayerSpeed& layer : speed.layers) {
      longest = std::max({longest, layer.us, at_peak(speed, layer)});
    }
    height += kTitle + kRow * static_cast<double>(speed.layers.size()) + kPanelGap;
  }
  const double us_width = kScale / longest, tick = tick_of(longest);
  const std::string title = "Time of each layer, one window on one core";
  std::string text = begin_svg(kWidth, height, title, kLight, kDark);
  text += fmt::format(
      R"(<text x="12" y="24" class="title">{}</text>
<path class="peak" d="M20 36v17"/><text x="32" y="49" class="note">{}</text>
)",
      title,
      "where the layer's multiply-accumulates would end at this core's peak, if that is known; "
      "convolutions with fewer products can be faster. Grey: none.");
  double y = kTop;
  for (const Speed& speed : speeds) {
    std::string heading =
        fmt::format("{} {}, {}: median {:.2f} us, p99 {:.2f} us", speed.name, speed.type, speed.isa,
                    speed.latency.median_us, speed.latency.p99_us);
    if (speed.peak_gmacs > 0) heading += fmt::format(", {} % of the peak", speed.share_of_peak());
    text += fmt::format("<text x=\"12\" y=\"{}\" class=\"title\">{}</text>\n", y + 12,
                        escaped(heading));
    y += kTitle;
    const double bottom = y + kRow * static_cast<double>(speed.layers.size());
    for (int i = 0; i * tick <= longest; ++i) {
      const double x = kLeft + i * tick * us_width;
      text += fmt::format(
          "<path class=\"axis\" d=\"M{:.1f} {}V{}\"/><text x=\"{:.1f}\" y=\"{}\" "
          "text-anchor=\"middle\" class=\"note\">{:.4g}{}</text>\n",
          x, y - 4, bottom, x, bottom + 14, i * tick, i == 0 ? " us" : "");
    }
    for (const LayerSpeed& layer : speed.layers) {
      text += row(speed, layer, y, us_width);
      y += kRow;
    }
    y = bottom + kPanelGap;
  }
  return text + "</svg>\n";
}

}  // namespace edgeproof::cli
