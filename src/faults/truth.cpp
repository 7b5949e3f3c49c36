// Test: truth_test.cpp.

#include "faults/truth.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

namespace edgeproof::faults {

TruthFile::TruthFile(const std::filesystem::path& path, std::vector<std::string> steps,
                     std::vector<std::string> channels)
    : file_(path),
      steps_(std::move(steps)),
      channels_(std::move(channels)),
      open_(steps_.size() * channels_.size()) {
  file_.write("recording,fault,channel,first_sample,last_sample\n");
}

void TruthFile::add(std::size_t step, const Frames& before, const Frames& after) {
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    const auto x = before.channel(static_cast<int>(c)), y = after.channel(static_cast<int>(c));
    Run& run = open_[step * channels_.size() + c];
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::bit_cast<std::uint32_t>(x[i]) == std::bit_cast<std::uint32_t>(y[i])) continue;
      const std::int64_t sample = after.first + static_cast<std::int64_t>(i);
      if (run.last + 1 != sample) begin_run(step, c, sample);
      run.last = sample;
    }
  }
}

void TruthFile::end_recording() {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    begin_run(i / channels_.size(), i % channels_.size(), kNone);
    open_[i] = {};
  }
  ++recording_;
}

void TruthFile::finish() {
  file_.commit();
}

// Writes the run before it, if there is one.
void TruthFile::begin_run(std::size_t step, std::size_t channel, std::int64_t first) {
  Run& run = open_[step * channels_.size() + channel];
  if (run.first != kNone) {
    file_.write(fmt::format("{},\"{}\",\"{}\",{},{}\n", recording_, steps_[step],
                            channels_[channel], run.first, run.last));
  }
  run.first = first;
}

}  // namespace edgeproof::faults
