#include "edgeproof/pipeline.h"

#include <limits>

#include "api/api_testing.h"
#include "signal/pipeline.h"

namespace edgeproof::api {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Pipeline two_channels(Imputation imputation) {
  return {.window_length = 4,
          .hop = 3,
          .sensors = {.rate_hz = 10,
                      .channels = {{.name = "a", .statistics = Statistics{1, 2}},
                                   {.name = "b", .statistics = Statistics{-0.3F, 0.7F}}}},
          .imputation = imputation};
}

std::vector<float> with_gaps() {
  std::vector<float> recording = noise(2 * 12);
  for (const std::size_t i : {0U, 5U, 7U, 9U, 23U}) recording[i] = kNan;
  return recording;
}

TEST(Prepare, IsWhatTheInsideDoesBitForBit) {
  for (const auto imputation :
       {Imputation::hold, Imputation::linear, Imputation::mean, Imputation::mask}) {
    const signal::Pipeline inside{static_cast<signal::Imputation>(imputation),
                                  {{1, -0.3F}, {2, 0.7F}}};
    EXPECT_TRUE(same_bits(prepare(two_channels(imputation), with_gaps()),
                          signal::prepare_recording(inside, with_gaps())));
  }
}

TEST(CutWindows, BeginAtEveryHopAndLeaveOutTheRest) {
  for (const auto imputation : {Imputation::hold, Imputation::mask}) {
    const Pipeline pipeline = two_channels(imputation);
    const std::vector<float> prepared = prepare(pipeline, with_gaps());
    const Windows windows = cut_windows(pipeline, with_gaps());
    ASSERT_EQ(windows.count, 3);  // at 0, 3 and 6 of 12; the next would end at 13
    EXPECT_EQ(windows.channels, pipeline.input_channels());
    for (int i = 0; i < 3; ++i) {
      const auto begin = static_cast<std::size_t>(3 * i * windows.channels);
      const auto size = static_cast<std::size_t>(4 * windows.channels);
      EXPECT_TRUE(same_bits(windows.window(i), std::span(prepared).subspan(begin, size)));
    }
  }
  EXPECT_EQ(cut_windows(two_channels(Imputation::hold), {}).count, 0);
}

TEST(Prepare, WithoutStatisticsOrWithAPartOfASampleIsAnError) {
  Pipeline pipeline = two_channels(Imputation::hold);
  error(ErrorCode::bad_input, [&] { prepare(pipeline, noise(3)); });
  error(ErrorCode::bad_config, [&] { prepare({}, noise(3)); });
  pipeline.hop = 0;
  error(ErrorCode::bad_config, [&] { cut_windows(pipeline, noise(4)); });
  pipeline.sensors.channels[1].statistics.reset();
  error(ErrorCode::bad_config, [&] { prepare(pipeline, noise(4)); });
}

}  // namespace
}  // namespace edgeproof::api
