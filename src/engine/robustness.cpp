#include "engine/robustness.h"

#include <algorithm>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/scored_windows.h"
#include "experiment/fault_choice.h"
#include "experiment/metrics.h"

namespace edgeproof::engine {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

}  // namespace

RobustnessTest::RobustnessTest(const experiment::Materials& m,
                               std::span<const signal::Window> windows, int most, int threads) {
  if (windows.empty()) fail(ErrorCode::bad_input, "there are no windows to judge a model on");
  const experiment::FaultsConfig& config = m.config.faults;
  const experiment::FaultList list =
      experiment::applicable_faults(config.choice, m.dataset, m.pipeline);
  const auto conditions =
      static_cast<std::int64_t>(1 + list.applicable.size() * config.severities.size());
  const std::int64_t window_bytes =
      std::int64_t{4} * m.dataset.window_length * m.pipeline.input_channels();
  const auto count = std::max<std::int64_t>(
      1, std::min({static_cast<std::int64_t>(windows.size()), std::int64_t{most},
                   kMostBytes / (window_bytes * conditions)}));
  std::vector<signal::Window> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i) * windows.size() / static_cast<std::size_t>(count);
    chosen.push_back(windows[at]);
    labels_.push_back(static_cast<std::uint8_t>(windows[at].label));
  }
  const auto realized = [&](const faults::Fault* fault, std::int64_t severity) {
    return experiment::faulty_windows(m.dataset, m.pipeline, chosen, fault,
                                      static_cast<int>(severity),
                                      static_cast<std::uint64_t>(config.seed), threads);
  };
  clean_ = realized(nullptr, 0);
  for (const faults::Fault& fault : list.applicable) {
    for (const std::int64_t severity : config.severities) {
      throw_if_interrupted();
      faulty_.push_back(realized(&fault, severity));
    }
  }
}

Robustness RobustnessTest::of(const runtime::Plan& plan, int threads) const {
  const auto accuracy = [&](const signal::WindowSet& set) {
    return 1 - experiment::flip_rate(labels_, score_windows(plan, set, labels_, threads).predicted);
  };
  Robustness result{.clean = accuracy(clean_)};
  for (const signal::WindowSet& windows : faulty_) result.robust += accuracy(windows);
  result.robust /= static_cast<double>(faulty_.size());
  return result;
}

}  // namespace edgeproof::engine
