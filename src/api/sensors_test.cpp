#include "edgeproof/sensors.h"

#include <limits>

#include "api/api_testing.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(FitStatistics, AreMeanAndPopulationDeviationOfWhatIsThere) {
  const Sensors sensors{.channels = {{.name = "a"}, {.name = "b"}}};
  const Sensors fitted = fit_statistics(sensors, std::vector<float>{1, 5, kNan, 5, 3, 5});
  EXPECT_EQ(fitted.channels[0].statistics, (Statistics{2, 1}));
  EXPECT_EQ(fitted.channels[1].statistics, (Statistics{5, 1}));  // constant: 1
  EXPECT_EQ(fitted.channels[1].name, "b");
}

TEST(FitStatistics, OfNothingAreAnError) {
  const Sensors sensors{.channels = {{.name = "a"}, {.name = "b"}}};
  error(ErrorCode::bad_input, [&] { fit_statistics(sensors, {}); });
  error(ErrorCode::bad_input, [&] { fit_statistics(sensors, std::vector<float>{1, 2, 3}); });
  error(ErrorCode::bad_input, [&] { fit_statistics({}, std::vector<float>{1}); });
  EXPECT_THAT(error(ErrorCode::bad_input,
                    [&] {
                      fit_statistics(sensors, std::vector<float>{1, kNan, 2, kNan});
                    }),
              HasSubstr("'b'"));
}

}  // namespace
}  // namespace edgeproof::api
