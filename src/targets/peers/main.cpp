// onnx_logits MODEL WINDOWS OUTPUT: runs an ONNX model with our runtime for the tests that compare
// it with others. WINDOWS are float32 [count, length, channels] in our order, OUTPUT what the last
// node gives, float32. Prints the input's length and channels, and the operators.

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "formats/onnx.h"
#include "runtime/evaluate.h"

int main(int argc, char** argv) try {
  using namespace edgeproof;
  if (argc != 4) fail(ErrorCode::bad_config, "usage: onnx_logits MODEL WINDOWS OUTPUT");
  const std::filesystem::path path = argv[1];
  const auto model = formats::from_onnx(read_file(path), argv[1], path.parent_path());
  const runtime::Plan plan(model.graph);
  const std::string bytes = read_file(argv[2]);
  std::vector<float> windows(bytes.size() / sizeof(float));
  std::memcpy(windows.data(), bytes.data(), windows.size() * sizeof(float));
  const int count = static_cast<int>(windows.size() / plan.input_size());
  const auto result = runtime::evaluate(plan, windows, count, 1).logits;
  write_file(argv[3],
             {reinterpret_cast<const char*>(result.data()), result.size() * sizeof(float)});
  const graph::Shape in = model.graph.input_shape();
  fmt::print("{} {} {}", in.length, in.channels, plan.is_int8() ? "int8" : "fp32");
  for (const graph::Node& node : model.graph.nodes) fmt::print(" {}", graph::op_name(node.op));
  fmt::print("\n");
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
