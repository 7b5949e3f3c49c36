#include "cli/fault_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/svg.h"

namespace edgeproof::cli {
namespace {

constexpr double kWidth = 960, kLeft = 64, kRight = 16, kTop = 56, kPanel = 110, kGap = 26;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr auto kLight =
    ".clean { stroke: #8a8f98 } .faulty { stroke: #d1495b } "
    ".missing { stroke: #edae49; stroke-width: 4 }";
constexpr auto kDark = ".clean { stroke: #7d8590 } .faulty { stroke: #ff7b8a }";

}  // namespace

FaultPlot::FaultPlot(std::vector<std::string> channels, double rate_hz, std::string title)
    : channels_(std::move(channels)),
      rate_hz_(rate_hz),
      title_(std::move(title)),
      bins_(std::min(channels_.size(), kMaxPanels)) {}

void FaultPlot::Range::add(float value) {
  if (std::isnan(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

void FaultPlot::Range::add(const Range& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
}

void FaultPlot::add(std::span<const float> clean, std::span<const float> faulty) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  const std::size_t channels = channels_.size();
  for (std::size_t i = 0; i < clean.size(); i += channels, ++count_) {
    const auto bin = static_cast<std::size_t>(count_ / width_);
    for (std::size_t c = 0; c < bins_.size(); ++c) {
      if (bin == bins_[c].size()) bins_[c].push_back({{kNone, -kNone}, {kNone, -kNone}});
      Bin& at = bins_[c][bin];
      at.clean.add(clean[i + c]);
      at.faulty.add(faulty[i + c]);
      at.missing |= std::isnan(faulty[i + c]) && !std::isnan(clean[i + c]);
    }
    if (bins_[0].size() < kBins || (count_ + 1) % width_ != 0) continue;
    for (auto& bins : bins_) {  // twice as wide from here on
      for (std::size_t b = 0; b < kBins / 2; ++b) {
        Bin merged = bins[2 * b];
        merged.clean.add(bins[2 * b + 1].clean);
        merged.faulty.add(bins[2 * b + 1].faulty);
        merged.missing |= bins[2 * b + 1].missing;
        bins[b] = merged;
      }
      bins.resize(kBins / 2);
    }
    width_ *= 2;
  }
}

double FaultPlot::x_of(std::size_t bin) const {
  const auto bins = static_cast<double>(std::max<std::size_t>(bins_[0].size(), 2) - 1);
  return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(bin) / bins;
}

// Up and down within each bin; broken where all is missing.
std::string FaultPlot::line(std::size_t channel, Range Bin::*range, double low, double high,
                            double top) const {
  const auto y_of = [&](float value) {
    return top + kPanel * (1 - (static_cast<double>(value) - low) / (high - low));
  };
  std::string path;
  bool pen_down = false;
  for (std::size_t b = 0; b < bins_[channel].size(); ++b) {
    const Range& r = bins_[channel][b].*range;
    if (r.low > r.high) {
      pen_down = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? 'L' : 'M', x_of(b), y_of(r.low));
    if (r.high > r.low) path += fmt::format("V{:.1f}", y_of(r.high));
    if (!pen_down && r.high == r.low) path += "h.1";  // a point by itself
    pen_down = true;
  }
  return path;
}

std::string FaultPlot::panel(std::size_t channel, double top) const {
  double low = kInfinity, high = -kInfinity;
  for (const Bin& bin : bins_[channel]) {
    low = std::min<double>({low, bin.clean.low, bin.faulty.low});
    high = std::max<double>({high, bin.clean.high, bin.faulty.high});
  }
  if (!(low <= high)) low = high = 0;
  if (low == high) {
    low -= 1;
    high += 1;
  }
  std::string marks;
  for (std::size_t b = 0; b < bins_[channel].size(); ++b) {
    if (bins_[channel][b].missing)
      marks += fmt::format("M{:.1f} {:.1f}h1", x_of(b), top + kPanel + 4);
  }
  return fmt::format(
      R"(<text x="{0}" y="{1}" class="title">{2}</text>
<path class="axis" d="M{0} {3}V{4}H{5}"/>
<text x="{6}" y="{7}" text-anchor="end">{8:.4g}</text><text x="{6}" y="{4}" text-anchor="end">{9:.4g}</text>
<path class="clean" d="{10}"/><path class="faulty" d="{11}"/><path class="missing" d="{12}"/>
)",
      kLeft, top - 6, escaped(channels_[channel]), top, top + kPanel, kWidth - kRight, kLeft - 6,
      top + 10, high, low, line(channel, &Bin::clean, low, high, top),
      line(channel, &Bin::faulty, low, high, top), marks);
}

std::string FaultPlot::svg() const {
  const std::size_t panels = bins_.size();
  const double bottom = kTop + static_cast<double>(panels) * (kPanel + kGap);
  std::string text = begin_svg(kWidth, bottom + 24, title_, kLight, kDark);
  text += fmt::format(
      R"(<text x="{}" y="22" class="title">{}</text>
<path class="clean" d="M660 18h24"/><text x="690" y="22">clean</text>
<path class="faulty" d="M750 18h24"/><text x="780" y="22">faulty</text>
<path class="missing" d="M840 18h24"/><text x="870" y="22">missing</text>
)",
      kLeft, escaped(title_));
  for (std::size_t c = 0; c < panels; ++c) {
    text += panel(c, kTop + static_cast<double>(c) * (kPanel + kGap));
  }
  const std::string end = rate_hz_ > 0
                              ? fmt::format("{:.6g} s", static_cast<double>(count_) / rate_hz_)
                              : fmt::format("{} samples", count_);
  text += fmt::format(
      R"(<text x="{}" y="{}">0</text><text x="{}" y="{}" text-anchor="end">{}</text>
)",
      kLeft, bottom + 4, kWidth - kRight, bottom + 4, end);
  if (channels_.size() > panels) {
    text += fmt::format(R"(<text x="{}" y="{}">and {} further channels</text>
)",
                        kLeft + 100, bottom + 4, channels_.size() - panels);
  }
  return text + "</svg>\n";
}

}  // namespace edgeproof::cli
