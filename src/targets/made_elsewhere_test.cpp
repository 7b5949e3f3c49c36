// Models that PyTorch, Keras and scikit-learn's converters have written (peers/elsewhere), against
// what these tools compute themselves.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "core/files.h"
#include "formats/onnx.h"
#include "runtime/evaluate.h"

namespace edgeproof {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<float>>;

constexpr int kWindows = 4;
constexpr double kMostRelative = 1e-5;

std::vector<fs::path> models() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator("src/targets/peers/elsewhere")) {
    if (entry.path().extension() == ".onnx") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<float> floats(fs::path path, const char* extension) {
  const std::string bytes = read_file(path.replace_extension(extension));
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

Rows rows_of(const std::vector<float>& values) {
  const auto size = static_cast<std::ptrdiff_t>(values.size()) / kWindows;
  Rows rows;
  for (auto row = values.begin(); row != values.end(); row += size)
    rows.emplace_back(row, row + size);
  return rows;
}

std::vector<float> log_softmax(std::vector<float> logits) {
  double sum = 0;
  for (const float x : logits) sum += std::exp(double{x});
  for (float& x : logits) x = static_cast<float>(x - std::log(sum));
  return logits;
}

bool ends_with(const formats::Model& model, const std::string& op) {
  return !model.left_out.empty() && model.left_out.back().starts_with(op);
}

// What the tool gives, from our logits.
std::vector<float> head(const formats::Model& model, std::vector<float> logits) {
  if (ends_with(model, "ArgMax")) {
    const auto best = std::ranges::max_element(logits) - logits.begin();
    return {static_cast<float>(best)};
  }
  if (ends_with(model, "LogSoftmax")) return log_softmax(std::move(logits));
  if (!ends_with(model, "Softmax")) return logits;
  logits = log_softmax(std::move(logits));
  for (float& x : logits) x = std::exp(x);
  return logits;
}

TEST(MadeElsewhere, ModelsGiveWhatTheirToolsCompute) {
  const std::vector<fs::path> all = models();
  EXPECT_GE(all.size(), 26U);
  for (const fs::path& path : all) {
    SCOPED_TRACE(path.filename());
    const formats::Model model = formats::from_onnx(read_file(path), path.filename());
    const runtime::Plan plan(model.graph);
    const Rows ours = rows_of(runtime::evaluate(plan, floats(path, ".in"), kWindows, 1).logits);
    const Rows theirs = rows_of(floats(path, ".out"));
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const std::vector<float> row = head(model, ours[i]);
      ASSERT_EQ(row.size(), theirs[i].size());
      double largest = 0, difference = 0;
      for (std::size_t c = 0; c < row.size(); ++c) {
        largest = std::max(largest, std::abs(double{theirs[i][c]}));
        difference = std::max(difference, std::abs(double{theirs[i][c]} - row[c]));
      }
      EXPECT_LE(difference, kMostRelative * largest) << "window " << i;
    }
  }
}

TEST(MadeElsewhere, NormalizationOfKerasIsPartOfTheLayers) {
  const fs::path path = "src/targets/peers/elsewhere/keras_plain.onnx";
  std::vector<std::string> operators;
  for (const auto& node : formats::from_onnx(read_file(path), path).graph.nodes) {
    operators.emplace_back(graph::op_name(node.op));
  }
  const std::vector<std::string> wanted = {"input",  "conv1d", "relu",     "max_pool",
                                           "conv1d", "relu",   "max_pool", "global_average_pool",
                                           "dense"};
  EXPECT_EQ(operators, wanted);
}

}  // namespace
}  // namespace edgeproof
