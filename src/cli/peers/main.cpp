// peer_models FOLDER [MODEL.onnx …]: what compare.py runs in LiteRT and ONNX Runtime. Writes every
// network of the zoo, and one with unusual layers, in every form (FP32; int8 with weights of 8, 4
// and 2 bits; pruned) with random weights, calibrated on generated recordings, and the models
// given, which must take windows like those of the generated motion data:
//
//   NAME.tflite, NAME.onnx  the model
//   DATA.windows.npy        what it is run on, [windows, length, channels]: clean and faulty halves
//   NAME.input.npy          the same as the integer runtime quantizes it (int8 models)
//   NAME.expected.npy       what the runtime gives: int8 levels, or FP32 logits
//   models.txt              NAME and DATA of each

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "cli/peers/networks.h"
#include "compress/calibrate.h"
#include "compress/importance.h"
#include "compress/prune.h"
#include "compress/quantize.h"
#include "core/files.h"
#include "experiment/fault_choice.h"
#include "formats/onnx.h"
#include "formats/tflite.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/workspace.h"
#include "signal/generators/bearing.h"
#include "signal/generators/imu.h"
#include "signal/streams/zip_writer.h"
#include "signal/windows.h"

namespace edgeproof {
namespace {

constexpr int kCleanWindows = 500, kFaultyWindows = 105;  // of each of the five core faults
constexpr int kThreads = 2;

template <typename T>
void write_npy(const std::string& path, const char* type, std::vector<std::int64_t> shape,
               const std::vector<T>& values) {
  std::string bytes = signal::npy_header(type, shape);
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  write_file(path, bytes);
}

void append(signal::WindowSet& all, const signal::WindowSet& more) {
  all.count += more.count;
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

std::vector<signal::Window> spread(const std::vector<signal::Window>& windows, int count) {
  std::vector<signal::Window> chosen;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    chosen.push_back(windows[i * windows.size() / static_cast<std::size_t>(count)]);
  }
  return chosen;
}

struct Data {
  std::string name;
  signal::WindowSet clean, all;
};

Data make_data(const std::string& name, const signal::Dataset& dataset) {
  const signal::Pipeline pipeline{signal::Imputation::hold, signal::training_statistics(dataset)};
  const auto windows = [&](int count, const faults::Fault* fault) {
    return experiment::faulty_windows(dataset, pipeline, spread(dataset.train, count), fault, 4, 1,
                                      kThreads);
  };
  Data data{name, windows(kCleanWindows, nullptr), {}};
  data.all = data.clean;
  for (const faults::Fault& fault : faults::suite("core")) {
    append(data.all, windows(kFaultyWindows, &fault));
  }
  return data;
}

class Output {
 public:
  explicit Output(std::string folder) : folder_(std::move(folder)) {}

  void add(const Data& data) {
    const auto& d = data.all;
    write_npy(path(data.name + ".windows.npy"), "<f4", {d.count, d.length, d.channels}, d.values);
  }

  void add(const std::string& name, const Data& data, const graph::Graph& graph,
           const std::map<std::string, std::string>& metadata = {}) {
    const formats::Model model{graph, metadata};
    write_file(path(name + ".tflite"), formats::to_tflite(model));
    write_file(path(name + ".onnx"), formats::to_onnx(model));
    const runtime::Plan plan(graph);
    const runtime::Plan slow(graph, {.keep_all = true, .isa = "scalar"});
    runtime::Workspace workspace(plan), slow_workspace(slow);
    std::vector<float> logits(plan.output_size()), expected;
    std::vector<std::int8_t> input, levels;
    const int last = static_cast<int>(graph.nodes.size()) - 1;
    for (int i = 0; i < data.all.count; ++i) {
      runtime::run(plan, workspace, data.all.window(i), logits);
      expected.insert(expected.end(), logits.begin(), logits.end());
      if (!plan.is_int8()) continue;
      runtime::run_nodes(slow, slow_workspace, 0, 1, data.all.window(i));
      const auto quantized = runtime::node_output<std::int8_t>(slow, slow_workspace, 0);
      input.insert(input.end(), quantized.begin(), quantized.end());
    }
    const auto out = static_cast<std::int64_t>(plan.output_size());
    if (plan.is_int8()) {
      const graph::Quantization q = *graph.nodes[static_cast<std::size_t>(last)].quantization;
      for (const float value : expected) {
        levels.push_back(static_cast<std::int8_t>(std::lround(value / q.scale) + q.zero_point));
      }
      write_npy(path(name + ".input.npy"), "|i1",
                {data.all.count, data.all.length, data.all.channels}, input);
      write_npy(path(name + ".expected.npy"), "|i1", {data.all.count, out}, levels);
    } else {
      write_npy(path(name + ".expected.npy"), "<f4", {data.all.count, out}, expected);
    }
    list_ += fmt::format("{} {}\n", name, data.name);
  }

  void finish() const { write_file(path("models.txt"), list_); }

 private:
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_, list_;
};

graph::Graph pruned(const graph::Graph& fp32) {
  const compress::ChannelGroups groups = compress::channel_groups(fp32);
  const auto scores = compress::weight_importance(fp32, groups, compress::Importance::l1);
  return compress::prune_channels(fp32, groups, scores, {.ratio = 0.5});
}

graph::Graph int8_form(const graph::Graph& empty, const Data& data) {
  const graph::Graph fp32 = graph::with_random_parameters(empty, 7);
  return compress::quantize(compress::calibrate(fp32, data.clean, {}));
}

void add_forms(Output& output, const std::string& name, const Data& data,
               const graph::Graph& empty) {
  const graph::Graph fp32 = graph::with_random_parameters(empty, 7);
  const graph::Graph ranged = compress::calibrate(fp32, data.clean, {});
  output.add(name + "-fp32", data, fp32);
  for (const int bits : {8, 4, 2}) {
    output.add(fmt::format("{}-w{}", name, bits), data,
               compress::quantize(ranged, {.weight_bits = bits}));
  }
  output.add(name + "-pruned", data,
             compress::quantize(compress::calibrate(pruned(fp32), data.clean, {})));
}

void write_all(const std::string& folder, const std::vector<std::string>& models) {
  Output output(folder);
  const Data motion = make_data(
      "motion", signal::make_dataset(signal::generate_imu(), {.length = 128, .hop = 64}, {}));
  const Data vibration =
      make_data("vibration",
                signal::make_dataset(signal::generate_bearing(), {.length = 2048, .hop = 512}, {}));
  output.add(motion);
  output.add(vibration);
  const graph::Shape motion_window{motion.all.length, motion.all.channels};
  for (const auto& [name, empty] : single_operations(motion_window)) {
    output.add("op-" + name, motion, int8_form(empty, motion));
  }
  for (const std::string& name : graph::architectures()) {
    const bool long_windows = name == "wdcnn";
    const Data& data = long_windows ? vibration : motion;
    const graph::ZooOptions zoo{{data.all.length, data.all.channels}, long_windows ? 10 : 6};
    add_forms(output, name, data, graph::build(name, zoo));
  }
  add_forms(output, "unusual", motion, unusual_network(motion_window));
  for (const std::string& path : models) {
    const auto model = formats::from_onnx(read_file(path), path);
    output.add("trained-" + std::filesystem::path(path).stem().string(), motion, model.graph,
               model.metadata);
  }
  output.finish();
}

}  // namespace
}  // namespace edgeproof

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "peer_models FOLDER [MODEL.onnx …]\n");
    return 2;
  }
  try {
    edgeproof::write_all(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "peer_models: {}\n", error.what());
    return 1;
  }
  return 0;
}
