#include "edgeproof/export.h"

#include "api/api_testing.h"
#include "formats/c/export.h"
#include "formats/tflite.h"

namespace edgeproof::api {
namespace {

TEST(Export, WritesTheBytesOfTheInside) {
  const formats::Model inside = made_inside(true);
  const std::string onnx = formats::to_onnx(inside);
  const Model model = Model::parse(onnx);
  EXPECT_EQ(to_onnx(model), onnx);
  EXPECT_EQ(to_tflite(model), formats::to_tflite(formats::from_onnx(onnx, "model")));
  const auto folder = to_c(model, {.units_per_count = {0.001}, .stream_hop = 16});
  EXPECT_EQ(folder, formats::to_c(formats::from_onnx(onnx, "model"),
                                  {.units_per_count = {0.001}, .stream_hop = 16}));
  EXPECT_TRUE(folder.contains("model.c"));
}

TEST(Export, SaysWhatACModuleTakes) {
  const std::vector<CCost> costs = c_costs(Model::parse(formats::to_onnx(made_inside(true))));
  ASSERT_EQ(costs.size(), 3U);
  for (const CCost& cost : costs) {
    EXPECT_GT(cost.table_bytes, 0U) << cost.form;
    EXPECT_GT(cost.ram_bytes, 0U) << cost.form;
  }
}

TEST(Export, WhatADeviceCannotHaveIsAnError) {
  const Model fp32 = Model::parse(formats::to_onnx(made_inside(false)));
  error(ErrorCode::unsupported, [&] { to_c(fp32); });
  error(ErrorCode::io, [&] { save(fp32, "/no/such/folder/model.onnx"); });
}

}  // namespace
}  // namespace edgeproof::api
