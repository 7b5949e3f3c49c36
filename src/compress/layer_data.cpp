#include "compress/layer_data.h"

#include "compress/as_convolution.h"
#include "compress/calibration_run.h"

namespace edgeproof::compress {

LayerData layer_data(const graph::Graph& int8, const graph::Graph& fp32, int node,
                     const signal::WindowSet& windows, int most, bool with_targets) {
  const graph::Node& layer = fp32.nodes[static_cast<std::size_t>(node)];
  const int before = layer.inputs[0];
  const graph::Shape in = graph::infer_shapes(fp32)[static_cast<std::size_t>(before)];
  const graph::Quantization q = *int8.nodes[static_cast<std::size_t>(before)].quantization;
  LayerData data{.conv = as_convolution(layer.op, in),
                 .in = in,
                 .weights = std::get<graph::FloatWeights>(*graph::weights_of(layer.op)),
                 .input_scale = q.scale};
  CalibrationRun integers(int8, windows, most);
  data.windows = integers.count();
  for (int i = 0; i < integers.count(); ++i) {
    integers.run(i);
    for (const std::int8_t level : integers.int8_output(before)) {
      data.inputs.push_back(static_cast<std::int16_t>(level - q.zero_point));
    }
  }
  if (!with_targets) return data;
  CalibrationRun reals(fp32, windows, most);
  for (int i = 0; i < reals.count(); ++i) {
    reals.run(i);
    const auto output = reals.output(node);
    data.targets.insert(data.targets.end(), output.begin(), output.end());
  }
  return data;
}

}  // namespace edgeproof::compress
