// Words 0 and 1 of the Philox block (epoch, recording) choose the fault and the severity by
// Lemire's multiplication ("Fast random integer generation in an interval", 2019) without its
// rejection: the bias is below n / 2^32. Test: training_test.cpp.

#include "faults/training.h"

#include "core/error.h"
#include "core/random.h"

namespace edgeproof::faults {
namespace {

std::uint64_t below(std::uint64_t n, std::uint32_t word) {
  return (n * word) >> 32;
}

}  // namespace

TrainingSampler::TrainingSampler(std::span<const Definition> suite, std::uint64_t seed)
    : suite_(suite), seed_(seed) {
  if (suite_.empty())
    fail(ErrorCode::bad_config, "fault-aware training: expected at least a fault");
}

TrainingFault TrainingSampler::draw(std::uint32_t epoch, std::uint32_t recording) const {
  const auto choice = CounterRng(seed_, "training fault").words(epoch, recording);
  const auto seed = CounterRng(seed_, "training seed").words(epoch);
  return {&suite_[below(suite_.size(), choice[0])],
          1 + static_cast<int>(below(kMaxSeverity, choice[1])),
          static_cast<std::uint64_t>(seed[0]) << 32 | seed[1]};
}

}  // namespace edgeproof::faults
