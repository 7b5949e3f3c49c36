#include "edgeproof/model.h"

#include <filesystem>
#include <numeric>

#include "api/api_testing.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "edgeproof/export.h"
#include "graph/cost.h"
#include "runtime/plan.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

std::filesystem::path write(const TempFolder& folder, const std::string& name,
                            std::string_view bytes) {
  write_file(folder / name, bytes);
  return folder / name;
}

TEST(Model, SaysWhatIsInTheFile) {
  const TempFolder folder;
  const formats::Model inside = made_inside(true);
  const Model model = Model::load(write(folder, "walk.onnx", formats::to_onnx(inside)));

  EXPECT_THAT(model.name(), HasSubstr("walk.onnx"));
  EXPECT_EQ(model.input_shape(), (Shape{128, 9}));
  EXPECT_EQ(model.outputs(), 6);
  EXPECT_TRUE(model.is_int8());
  const Cost cost = model.cost();
  EXPECT_EQ(cost.macs, graph::macs(inside.graph));
  EXPECT_EQ(cost.weight_bytes, graph::weight_bytes(inside.graph));
  EXPECT_EQ(cost.arena_bytes, runtime::Plan(inside.graph).arena_bytes());
  std::int64_t macs = 0;
  for (const Layer& layer : model.layers()) macs += layer.macs;
  EXPECT_EQ(macs, cost.macs);
  EXPECT_EQ(model.layers().front().operation, "input");
}

TEST(Model, HasThePipelineOfItsMetadata) {
  const Model model = Model::parse(formats::to_onnx(made_inside(true)));
  ASSERT_TRUE(model.pipeline());
  const Pipeline& pipeline = *model.pipeline();
  const formats::Deployment expected = deployment();
  EXPECT_EQ(pipeline.window_length, 128);
  EXPECT_EQ(pipeline.hop, 32);
  EXPECT_EQ(pipeline.sensors.rate_hz, 50);
  EXPECT_EQ(pipeline.imputation, Imputation::hold);
  EXPECT_EQ(pipeline.labels, expected.labels);
  EXPECT_EQ(pipeline.provenance.seed, 7U);
  ASSERT_EQ(pipeline.sensors.channels.size(), 9U);
  EXPECT_EQ(pipeline.sensors.channels[0].source, kPhysical);
  EXPECT_EQ(
      pipeline.sensors.channels[8],
      (Channel{
          "c8", "rad/s", 2, Statistics{0.1F * 8, 1 + 0.25F * 8}, {FilterKind::high_pass, 3, 0.3}}));
}

TEST(Model, TakesAnotherProvenanceOrNone) {
  const Model model = Model::parse(formats::to_onnx(made_inside(true)));
  Pipeline pipeline = *model.pipeline();
  pipeline.provenance.variant = "small";
  pipeline.provenance.recipe = "train > ptq";
  pipeline.provenance.config_checksum = "c";
  pipeline.provenance.parent_checksum = "p";
  EXPECT_EQ(model.with_pipeline(pipeline).pipeline()->provenance, pipeline.provenance);
  pipeline.provenance = {};
  EXPECT_EQ(model.with_pipeline(pipeline).pipeline()->provenance, Provenance{});
}

TEST(Model, FromElsewhereHasNoPipelineAndTakesOne) {
  const Model bare = Model::parse(formats::to_onnx({made_inside(false).graph, {}}));
  EXPECT_FALSE(bare.pipeline());
  EXPECT_FALSE(bare.is_int8());
  const Pipeline pipeline = *Model::parse(formats::to_onnx(made_inside(true))).pipeline();
  const Model with = bare.with_pipeline(pipeline);
  EXPECT_EQ(with.pipeline(), pipeline);
  EXPECT_EQ(Model::parse(to_onnx(with)).pipeline(), pipeline);
  EXPECT_FALSE(bare.pipeline());
}

TEST(Model, APipelineThatDoesNotFitIsAnError) {
  const Model model = Model::parse(formats::to_onnx(made_inside(true)));
  Pipeline pipeline = *model.pipeline();
  pipeline.labels.pop_back();
  error(ErrorCode::bad_input, [&] { model.with_pipeline(pipeline); });
  pipeline = *model.pipeline();
  pipeline.sensors.channels[4].statistics.reset();
  EXPECT_THAT(error(ErrorCode::bad_config, [&] { model.with_pipeline(pipeline); }),
              HasSubstr("'c4'"));
}

TEST(Model, ATruncatedFileIsAnErrorThatNamesIt) {
  const TempFolder folder;
  const std::string bytes = formats::to_onnx(made_inside(true));
  for (const std::size_t kept : {std::size_t{0}, std::size_t{10}, bytes.size() / 2}) {
    const auto file = write(folder, "half.onnx", std::string_view(bytes).substr(0, kept));
    EXPECT_THAT(error(ErrorCode::bad_input, [&] { Model::load(file); }), HasSubstr("half.onnx"));
  }
}

TEST(Model, AFileThatIsNotThereIsAnIoError) {
  EXPECT_THAT(error(ErrorCode::io, [] { Model::load("/no/such.onnx"); }),
              HasSubstr("/no/such.onnx"));
}

}  // namespace
}  // namespace edgeproof::api
