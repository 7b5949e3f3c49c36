// Words 0 and 1 of the Philox block (epoch, recording) choose the fault and the severity.

#include "faults/training.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/random.h"

namespace edgeproof::faults {
namespace {

constexpr double kUniformShare = 0.25;

}  // namespace

TrainingSampler::TrainingSampler(std::vector<Fault> faults, Sampling sampling, int epochs,
                                 std::uint64_t seed)
    : faults_(std::move(faults)), sampling_(sampling), epochs_(epochs), seed_(seed) {
  if (faults_.empty()) {
    fail(ErrorCode::bad_config,
         "fault-aware training: expected at least one fault that the data set can have");
  }
  learn(std::vector<double>(faults_.size(), 1.0));
}

void TrainingSampler::learn(std::span<const double> errors) {
  const double sum = std::accumulate(errors.begin(), errors.end(), 0.0);
  if (!(sum > 0)) return;
  const auto n = static_cast<double>(faults_.size());
  double total = 0;
  cumulative_.clear();
  for (const double error : errors) {
    total += kUniformShare / n + (1 - kUniformShare) * error / sum;
    cumulative_.push_back(total);
  }
  cumulative_.back() = 1;
}

TrainingFault TrainingSampler::draw(std::uint32_t epoch, std::uint32_t recording) const {
  const auto choice = CounterRng(seed_, "training fault").words(epoch, recording);
  const auto seed = CounterRng(seed_, "training seed").words(epoch);
  const auto n = static_cast<double>(faults_.size());
  const double u = CounterRng::unit(choice[0], 0);
  const auto fault =
      sampling_ == Sampling::worst
          ? static_cast<std::size_t>(std::ranges::upper_bound(cumulative_, u) - cumulative_.begin())
          : static_cast<std::size_t>(u * n);
  int hardest = faults_[fault].severities();
  if (sampling_ == Sampling::curriculum) {
    const double share = std::min(1.0, 2.0 * epoch / std::max(epochs_, 1));
    hardest = 1 + static_cast<int>(share * (hardest - 1));
  }
  const auto severity = 1 + static_cast<int>(CounterRng::unit(choice[1], 0) * hardest);
  return {fault, severity, static_cast<std::uint64_t>(seed[0]) << 32 | seed[1]};
}

}  // namespace edgeproof::faults
