#include "edgeproof/quantize.h"

#include "api/api_testing.h"
#include "compress/bias_correction.h"
#include "compress/calibrate.h"
#include "compress/data_rounding.h"
#include "compress/equalize.h"
#include "edgeproof/export.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

Model fp32_model() {
  return Model::parse(formats::to_onnx(made_inside(false)));
}

Windows calibration() {
  return {.count = 20, .length = 128, .channels = 9, .values = noise(std::size_t{20} * 128 * 9)};
}

TEST(Quantize, IsTheInsidesStepsInTheirOrder) {
  signal::WindowSet set;
  set.count = 20;
  set.length = 128;
  set.channels = 9;
  set.values = calibration().values;
  const graph::Graph start = compress::equalize(made_inside(false).graph);
  const graph::Graph rounded = compress::quantize(
      compress::calibrate(start, set, {.method = compress::CalibrationMethod::mse, .windows = 10}),
      set, {.weight_bits = {4, {{"dense", 8}}}, .weight_clip = compress::WeightClip::mse},
      {.method = compress::WeightRounding::gptq, .windows = 10});
  const graph::Graph expected = compress::correct_bias(rounded, start, set, {.windows = 10});

  const Model int8 = quantize(fp32_model(), calibration(),
                              {.calibration = Calibration::mse,
                               .windows = 10,
                               .weight_bits = 4,
                               .layer_bits = {{"dense", 8}},
                               .weight_clip = WeightClip::mse,
                               .weight_rounding = WeightRounding::gptq,
                               .equalize = true,
                               .correct_bias = true});
  EXPECT_EQ(to_onnx(int8), formats::to_onnx({expected, formats::to_metadata(deployment())}));
}

TEST(Quantize, MakesAnInt8ModelThatKeepsItsPipeline) {
  const Model int8 = quantize(fp32_model(), calibration());
  EXPECT_TRUE(int8.is_int8());
  EXPECT_EQ(int8.pipeline(), fp32_model().pipeline());
  EXPECT_LT(int8.cost().weight_bytes, fp32_model().cost().weight_bytes / 3);
}

TEST(Quantize, ErrorsNameWhatIsWrong) {
  const Model int8 = quantize(fp32_model(), calibration());
  EXPECT_THAT(error(ErrorCode::bad_input, [&] { quantize(int8, calibration()); }),
              HasSubstr("int8 already"));
  error(ErrorCode::bad_input, [] { quantize(fp32_model(), {}); });
  Windows lying = calibration();
  lying.count = 19;
  error(ErrorCode::bad_input, [&] { quantize(fp32_model(), lying); });
  error(ErrorCode::bad_config, [] { quantize(fp32_model(), calibration(), {.weight_bits = 9}); });
  EXPECT_THAT(error(ErrorCode::bad_config,
                    [] {
                      quantize(fp32_model(), calibration(), {.layer_bits = {{"dens", 8}}});
                    }),
              HasSubstr("'dens'"));
}

}  // namespace
}  // namespace edgeproof::api
