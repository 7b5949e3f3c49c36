#include "edgeproof/edgeproof.h"

#include <thread>

#include "api/api_testing.h"
#include "edgeproof/faults.h"
#include "edgeproof/plan.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kWindow = 128 * 9;

class CModel {
 public:
  explicit CModel(bool int8 = true, bool with_pipeline = true) {
    formats::Model model = made_inside(int8);
    if (!with_pipeline) model.metadata.clear();
    const std::string onnx = formats::to_onnx(model);
    EXPECT_EQ(edgeproof_model_parse(onnx.data(), onnx.size(), "c", &model_), EDGEPROOF_OK);
    EXPECT_EQ(edgeproof_plan_new(model_, nullptr, &plan_), EDGEPROOF_OK);
    EXPECT_EQ(edgeproof_workspace_new(plan_, &workspace_), EDGEPROOF_OK);
  }
  ~CModel() {
    edgeproof_model_free(model_);
    edgeproof_plan_free(plan_);
    edgeproof_workspace_free(workspace_);
  }
  CModel(const CModel&) = delete;
  CModel& operator=(const CModel&) = delete;

  const edgeproof_model* model() const { return model_; }
  edgeproof_workspace* workspace() const { return workspace_; }

 private:
  edgeproof_model* model_ = nullptr;
  edgeproof_plan* plan_ = nullptr;
  edgeproof_workspace* workspace_ = nullptr;
};

TEST(C, DescribesAModel) {
  const CModel c;
  edgeproof_model_info info;
  ASSERT_EQ(edgeproof_model_describe(c.model(), &info), EDGEPROOF_OK);
  EXPECT_EQ(info.length, 128);
  EXPECT_EQ(info.channels, 9);
  EXPECT_EQ(info.outputs, 6);
  EXPECT_EQ(info.is_int8, 1);
  EXPECT_EQ(info.has_pipeline, 1);
  EXPECT_EQ(info.sensors, 9);
  EXPECT_EQ(info.hop, 32);
  EXPECT_EQ(info.rate_hz, 50);
  EXPECT_GT(info.macs, 0);
  EXPECT_STREQ(edgeproof_model_label(c.model(), 5), "lie");
  EXPECT_EQ(edgeproof_model_label(c.model(), 6), nullptr);
  EXPECT_EQ(edgeproof_model_label(c.model(), -1), nullptr);
  EXPECT_STREQ(edgeproof_model_channel(c.model(), 8), "c8");
  EXPECT_STREQ(edgeproof_model_unit(c.model(), 8), "rad/s");
  EXPECT_STREQ(edgeproof_version(), EDGEPROOF_VERSION);
}

TEST(C, AModelWithoutAPipelineHasNoLabelsAndPreparesNothing) {
  const CModel c(true, false);
  edgeproof_model_info info;
  ASSERT_EQ(edgeproof_model_describe(c.model(), &info), EDGEPROOF_OK);
  EXPECT_EQ(info.has_pipeline, 0);
  EXPECT_EQ(info.sensors, 0);
  EXPECT_EQ(edgeproof_model_label(c.model(), 0), nullptr);
  float value = 0;
  EXPECT_EQ(edgeproof_model_prepare(c.model(), &value, 0, &value), EDGEPROOF_BAD_INPUT);
}

TEST(C, PreparesAndRunsAsTheInsideDoes) {
  const CModel c;
  const Model model = Model::parse(formats::to_onnx(made_inside(true)));
  const std::vector<float> recording = noise(kWindow);
  std::vector<float> prepared(kWindow), logits(6);
  ASSERT_EQ(edgeproof_model_prepare(c.model(), recording.data(), 128, prepared.data()),
            EDGEPROOF_OK);
  EXPECT_TRUE(same_bits(prepared, prepare(*model.pipeline(), recording)));
  ASSERT_EQ(edgeproof_run(c.workspace(), prepared.data(), kWindow, logits.data(), 6), EDGEPROOF_OK);
  EXPECT_TRUE(same_bits(logits, run(Plan(model), prepared)));
  EXPECT_EQ(edgeproof_label_of(logits.data(), 6), label_of(logits));
}

TEST(C, SizesThatDoNotFitAreRefused) {
  const CModel c;
  std::vector<float> window(kWindow), logits(7, 5);
  EXPECT_EQ(edgeproof_run(c.workspace(), window.data(), kWindow - 1, logits.data(), 6),
            EDGEPROOF_BAD_ARGUMENT);
  EXPECT_EQ(edgeproof_run(c.workspace(), window.data(), kWindow, logits.data(), 7),
            EDGEPROOF_BAD_ARGUMENT);
  EXPECT_EQ(logits, std::vector<float>(7, 5));
}

TEST(C, NullIsAnErrorEverywhereAndNamesTheFunction) {
  const CModel c;
  float value = 0;
  edgeproof_sensors sensors{};
  edgeproof_fault* fault = nullptr;
  ASSERT_EQ(edgeproof_fault_parse("missing", &fault), EDGEPROOF_OK);
  edgeproof_model* model = nullptr;
  const std::vector<std::pair<edgeproof_status, const char*>> statuses = {
      {edgeproof_model_load(nullptr, &model), "model_load"},
      {edgeproof_model_load("x", nullptr), "model_load"},
      {edgeproof_model_parse(nullptr, 0, "x", &model), "model_parse"},
      {edgeproof_model_describe(c.model(), nullptr), "model_describe"},
      {edgeproof_model_describe(nullptr, nullptr), "model_describe"},
      {edgeproof_model_prepare(nullptr, &value, 1, &value), "model_prepare"},
      {edgeproof_plan_new(nullptr, nullptr, nullptr), "plan_new"},
      {edgeproof_workspace_new(nullptr, nullptr), "workspace_new"},
      {edgeproof_run(nullptr, &value, 1, &value, 1), "run"},
      {edgeproof_run(c.workspace(), nullptr, 1, &value, 1), "run"},
      {edgeproof_fault_parse(nullptr, &fault), "fault_parse"},
      {edgeproof_inject(nullptr, 1, &sensors, 1, 0, &value, 1, nullptr), "inject"},
      {edgeproof_inject(fault, 1, nullptr, 1, 0, &value, 1, nullptr), "inject"},
      {edgeproof_inject(fault, 1, &sensors, 1, 0, nullptr, 1, nullptr), "inject"},
  };
  for (const auto& [status, name] : statuses) EXPECT_EQ(status, EDGEPROOF_BAD_ARGUMENT) << name;
  EXPECT_EQ(edgeproof_inject(fault, 1, &sensors, 1, 0, nullptr, 1, nullptr),
            EDGEPROOF_BAD_ARGUMENT);
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("edgeproof_inject"));
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(edgeproof_model_label(nullptr, 0), nullptr);
  EXPECT_EQ(edgeproof_model_channel(nullptr, 0), nullptr);
  EXPECT_EQ(edgeproof_model_unit(nullptr, 0), nullptr);
  EXPECT_EQ(edgeproof_label_of(nullptr, 3), -1);
  edgeproof_fault_free(fault);
  edgeproof_fault_free(nullptr);
  edgeproof_model_free(nullptr);
  edgeproof_plan_free(nullptr);
  edgeproof_workspace_free(nullptr);
}

TEST(C, ErrorsOfTheInsideComeAsCodesWithTheirMessage) {
  edgeproof_model* model = nullptr;
  EXPECT_EQ(edgeproof_model_load("/no/such.onnx", &model), EDGEPROOF_IO);
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("/no/such.onnx"));
  const std::string onnx = formats::to_onnx(made_inside(true));
  EXPECT_EQ(edgeproof_model_parse(onnx.data(), onnx.size() / 2, "half.onnx", &model),
            EDGEPROOF_BAD_INPUT);
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("half.onnx"));
  EXPECT_EQ(model, nullptr);
  edgeproof_plan* plan = nullptr;
  const CModel c;
  EXPECT_EQ(edgeproof_plan_new(c.model(), "abacus", &plan), EDGEPROOF_BAD_CONFIG);
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("abacus"));
  edgeproof_fault* fault = nullptr;
  EXPECT_EQ(edgeproof_fault_parse("drfit", &fault), EDGEPROOF_BAD_CONFIG);
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("drift"));
}

TEST(C, TheLastMessageIsEachThreadsOwn) {
  edgeproof_fault* fault = nullptr;
  EXPECT_EQ(edgeproof_fault_parse("drfit", &fault), EDGEPROOF_BAD_CONFIG);
  std::string other = "not asked";
  std::thread([&] { other = edgeproof_last_message(); }).join();
  EXPECT_EQ(other, "");
  EXPECT_THAT(edgeproof_last_message(), HasSubstr("drfit"));
}

TEST(C, InjectsAndMarksAsTheInsideDoes) {
  const std::vector<const char*> names = {"ax", "ay"};
  const std::vector<float> means = {0, 1}, sds = {1, 2};
  const edgeproof_sensors sensors{2, 50, names.data(), means.data(), sds.data()};
  edgeproof_fault* fault = nullptr;
  ASSERT_EQ(edgeproof_fault_parse("drift + missing(p=0.3) on ay", &fault), EDGEPROOF_OK);
  std::vector<float> values = noise(200), expected = values;
  std::vector<std::uint8_t> marks(200, 9);
  ASSERT_EQ(edgeproof_inject(fault, 2, &sensors, 7, 3, values.data(), 100, marks.data()),
            EDGEPROOF_OK);
  const Sensors inside{.rate_hz = 50,
                       .channels = {{.name = "ax", .statistics = Statistics{0, 1}},
                                    {.name = "ay", .statistics = Statistics{1, 2}}}};
  const auto expected_marks = inject_marked(expected, Fault("drift + missing(p=0.3) on ay"), inside,
                                            {.severity = 2, .seed = 7, .recording = 3});
  EXPECT_TRUE(same_bits(values, expected));
  EXPECT_EQ(marks, expected_marks);
  values = noise(200);
  ASSERT_EQ(edgeproof_inject(fault, 2, &sensors, 7, 3, values.data(), 100, nullptr), EDGEPROOF_OK);
  EXPECT_TRUE(same_bits(values, expected));
  edgeproof_fault_free(fault);
}

TEST(C, WithoutStatisticsOnlyFaultsThatNeedNoneWork) {
  const edgeproof_sensors sensors{1, 50, nullptr, nullptr, nullptr};
  float values[4] = {1, 2, 3, 4};
  for (const auto& [expression, status] :
       {std::pair("missing(p=1)", EDGEPROOF_OK), std::pair("bias", EDGEPROOF_BAD_CONFIG)}) {
    edgeproof_fault* fault = nullptr;
    ASSERT_EQ(edgeproof_fault_parse(expression, &fault), EDGEPROOF_OK);
    EXPECT_EQ(edgeproof_inject(fault, 3, &sensors, 1, 0, values, 4, nullptr), status);
    edgeproof_fault_free(fault);
  }
}

TEST(C, ListsTheFaults) {
  const std::vector<FaultInfo> list = list_faults();
  ASSERT_EQ(edgeproof_fault_count(), std::ssize(list));
  for (int i = 0; i < edgeproof_fault_count(); ++i) {
    EXPECT_EQ(edgeproof_fault_name(i), list[static_cast<std::size_t>(i)].name);
    EXPECT_EQ(edgeproof_fault_summary(i), list[static_cast<std::size_t>(i)].summary);
  }
  EXPECT_EQ(edgeproof_fault_name(edgeproof_fault_count()), nullptr);
  EXPECT_EQ(edgeproof_fault_name(-1), nullptr);
}

}  // namespace
}  // namespace edgeproof::api
