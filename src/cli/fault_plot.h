#pragma once

// A picture of clean against faulty signals, made while a stream of any length goes by: each
// channel in at most kBins columns, which widen as the stream goes on.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace edgeproof::cli {

class FaultPlot {
 public:
  // rate_hz 0: the axis counts samples.
  FaultPlot(std::vector<std::string> channels, double rate_hz, std::string title);

  // The next frames, [n, channels]; NaN is missing.
  void add(std::span<const float> clean, std::span<const float> faulty);

  // A panel for each channel, at most kMaxPanels of them, in colours for light and dark.
  std::string svg() const;

 private:
  static constexpr std::size_t kBins = 1200;
  static constexpr std::size_t kMaxPanels = 12;

  struct Range {
    float low, high;  // low > high: nothing but missing samples
    void add(float value);
    void add(const Range& other);
  };
  struct Bin {
    Range clean, faulty;
    bool missing = false;  // by the fault
  };
  std::string panel(std::size_t channel, double top) const;
  std::string line(std::size_t channel, Range Bin::*range, double low, double high,
                   double top) const;
  double x_of(std::size_t bin) const;

  std::vector<std::string> channels_;
  double rate_hz_;
  std::string title_;
  std::vector<std::vector<Bin>> bins_;  // [channel][bin]
  std::int64_t width_ = 1;              // samples in a bin
  std::int64_t count_ = 0;
};

}  // namespace edgeproof::cli
