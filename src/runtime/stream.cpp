// Layers of a plan whose nodes all keep their outputs, cut into the parts that a hop computes: each
// is the same layer with another geometry.

#include "runtime/stream.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "graph/cost.h"
#include "graph/traits.h"
#include "runtime/plan.h"
#include "runtime/run_layer.h"
#include "runtime/stream_plan.h"

namespace edgeproof::runtime {

// Values that stay when the window moves on.
struct Move {
  std::size_t from = 0, to = 0, bytes = 0;
};

struct HopNode {
  Move move;
  std::vector<Step> parts;
};

struct StreamProgram {
  Plan plan;
  int hop = 0;
  std::vector<HopNode> nodes;
  std::int64_t macs = 0;
  std::size_t state_bytes = 0;
};

namespace {

using graph::Graph;

// What the outputs [first, end) of a convolution or pooling read.
struct Reads {
  int first, length, pad_left, pad_right;

  Reads(int first_out, int end_out, int span, int stride, int padding, int in_length) {
    const int from = first_out * stride - padding, to = (end_out - 1) * stride - padding + span;
    first = std::max(from, 0);
    length = std::min(to, in_length) - first;
    pad_left = first - from;
    pad_right = to - first - length;
  }
};

// Makes of a step the one that computes the positions [first, end) alone; nothing if that cannot
// be, because they see padding alone.
struct Cut {
  const Step& whole;
  std::size_t value_bytes;
  int first, end;

  int count() const { return end - first; }
  std::size_t bytes(int positions, int channels) const {
    return static_cast<std::size_t>(positions) * static_cast<std::size_t>(channels) * value_bytes;
  }
  Step step(Layer layer, std::size_t in_bytes, std::size_t out_bytes) const {
    Step part{std::move(layer), whole.in, whole.out + out_bytes};
    for (std::size_t& in : part.in) in += in_bytes;
    return part;
  }

  template <typename Conv>
  std::optional<Step> convolution(Conv conv) const {
    ConvGeometry& g = conv.geometry;
    const Reads reads(first, end, (g.kernel - 1) * g.dilation + 1, g.stride, g.pad_left,
                      g.in_length);
    if (reads.length < 1) return {};
    // Whole strides, where the input has them: its weights are packed for unit_stride(), which must
    // be of a part what it is of the whole.
    const int strides = (reads.length + g.stride - 1) / g.stride * g.stride;
    g.in_length = std::min(strides, g.in_length - reads.first);
    g.out_length = count();
    g.pad_left = reads.pad_left;
    g.pad_right = reads.pad_right;
    const std::size_t in = bytes(reads.first, g.in_channels), out = bytes(first, g.out_channels);
    return step(std::move(conv), in, out);
  }
  std::optional<Step> operator()(const Int8Conv& conv) const { return convolution(conv); }
  std::optional<Step> operator()(const FloatConv& conv) const { return convolution(conv); }
  template <typename PoolLayer>
  std::optional<Step> pooling(const PoolLayer& layer) const {
    Pool pool = layer.pool;
    const Reads reads(first, end, pool.kernel, pool.stride, pool.pad_left, pool.in_length);
    pool.in_length = reads.length;
    pool.out_length = count();
    pool.pad_left = reads.pad_left;
    return step(PoolLayer{pool}, bytes(reads.first, pool.channels), bytes(first, pool.channels));
  }
  std::optional<Step> operator()(const MaxPoolLayer& layer) const { return pooling(layer); }
  std::optional<Step> operator()(const AverageLayer& layer) const { return pooling(layer); }
  // `size`: of the layer, how many values it has.
  template <typename Pointwise>
  std::optional<Step> pointwise(Pointwise layer, std::size_t Pointwise::*size) const {
    const int channels = static_cast<int>(layer.*size / static_cast<std::size_t>(length));
    layer.*size = static_cast<std::size_t>(count() * channels);
    return step(std::move(layer), bytes(first, channels), bytes(first, channels));
  }
  template <graph::OneOf<ReluLayer, FloatAdd, Int8Add, FloatFunction, Int8Function> Pointwise>
  std::optional<Step> operator()(const Pointwise& layer) const {
    return pointwise(layer, &Pointwise::size);
  }
  std::optional<Step> operator()(const FloatMul& mul) const {
    return pointwise(mul, &FloatMul::row);
  }
  std::optional<Step> operator()(const Int8Mul& mul) const { return pointwise(mul, &Int8Mul::row); }
  std::optional<Step> operator()(Affine affine) const {
    const int channels = static_cast<int>(affine.scale.size());
    affine.length = count();
    return step(std::move(affine), bytes(first, channels), bytes(first, channels));
  }
  std::optional<Step> operator()(ConcatLayer concat) const {
    std::size_t row = 0;
    Step part{{}, whole.in, 0};
    for (std::size_t i = 0; i < concat.row_bytes.size(); ++i) {
      part.in[i] += static_cast<std::size_t>(first) * concat.row_bytes[i];
      row += concat.row_bytes[i];
    }
    part.out = whole.out + static_cast<std::size_t>(first) * row;
    concat.length = count();
    part.layer = std::move(concat);
    return part;
  }
  // The input is cut where it is copied, and no plan that keeps all outputs fuses layers.
  template <graph::OneOf<CopyInput, graph::Quantization, Fused> AnyLayer>
  std::optional<Step> operator()(const AnyLayer&) const {
    return {};
  }

  int length = 0;  // of the whole output
};

class Cutting {
 public:
  Cutting(const Graph& graph, const Program& program, int hop)
      : graph_(graph),
        program_(program),
        hop_(hop),
        value_bytes_(program.int8 ? 1 : sizeof(float)),
        macs_(graph::macs_per_node(graph)),
        inside_(inside_positions(graph, program.shapes)) {}

  void into(StreamProgram& stream) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) stream.nodes.push_back(node(i, stream));
  }

 private:
  HopNode node(std::size_t i, StreamProgram& stream) const {
    const Step& whole = program_.steps[i];
    const int length = program_.shapes[i].length;
    const Kept kept = inside_[i].kept(hop_);
    if (kept.count == 0) return computed_anew(i, stream);
    HopNode node;
    const std::size_t row = static_cast<std::size_t>(program_.shapes[i].channels) * value_bytes_;
    const auto at = [&](int position) {
      return whole.out + static_cast<std::size_t>(position) * row;
    };
    node.move = {at(kept.first + kept.shift), at(kept.first),
                 static_cast<std::size_t>(kept.count) * row};
    int computed = 0;
    for (const auto& [first, end] : {std::pair{0, kept.first}, std::pair{kept.end(), length}}) {
      if (first == end) continue;
      auto part = std::holds_alternative<graph::Input>(graph_.nodes[i].op)
                      ? std::optional(Step{whole.layer, {}, at(first)})
                      : std::visit(Cut{whole, value_bytes_, first, end, length}, whole.layer);
      if (!part) return computed_anew(i, stream);
      node.parts.push_back(std::move(*part));
      computed += end - first;
    }
    stream.macs += macs_[i] / length * computed;
    stream.state_bytes += static_cast<std::size_t>(length) * row;
    return node;
  }

  HopNode computed_anew(std::size_t i, StreamProgram& stream) const {
    stream.macs += macs_[i];
    // The input is never computed: where it does not move along, the hop is the window.
    return {{}, {program_.steps[i]}};
  }

  const Graph& graph_;
  const Program& program_;
  int hop_;
  std::size_t value_bytes_;
  std::vector<std::int64_t> macs_;
  std::vector<Inside> inside_;
};

}  // namespace

StreamPlan::StreamPlan(const Graph& graph, int hop, const std::string& isa) {
  const Plan plan(graph, {.keep_all = true, .float_sums = FloatSums::by_tap, .isa = isa});
  expect_hop(hop, plan.shapes().front().length);
  auto program = std::make_shared<StreamProgram>(StreamProgram{.plan = plan, .hop = hop});
  Cutting(graph, plan.program(), hop).into(*program);
  program_ = std::move(program);
}

std::size_t StreamPlan::window_size() const {
  return program_->plan.input_size();
}
std::size_t StreamPlan::hop_size() const {
  return static_cast<std::size_t>(program_->hop * program_->plan.shapes().front().channels);
}
std::size_t StreamPlan::output_size() const {
  return program_->plan.output_size();
}
std::int64_t StreamPlan::macs_per_hop() const {
  return program_->macs;
}
std::size_t StreamPlan::state_bytes() const {
  return program_->state_bytes;
}

Stream::Stream(const StreamPlan& plan)
    : plan_(plan),
      arena_(plan.program().plan.program().arena_bytes + kReadPastEnd),
      scratch_(plan.program().plan.program().scratch_bytes) {}

void Stream::start(std::span<const float> window, std::span<float> logits) noexcept {
  assert(window.size() == plan_.window_size() && logits.size() == plan_.output_size());
  const Program& program = plan_.program().plan.program();
  for (const Step& step : program.steps) run_step(program, step, window, arena_, scratch_);
  write_logits(program, arena_.data(), logits);
}

void Stream::advance(std::span<const float> samples, std::span<float> logits) noexcept {
  assert(samples.size() == plan_.hop_size() && logits.size() == plan_.output_size());
  const Program& program = plan_.program().plan.program();
  std::byte* arena = arena_.data();
  for (const HopNode& node : plan_.program().nodes) {
    std::memmove(arena + node.move.to, arena + node.move.from, node.move.bytes);
    for (const Step& step : node.parts) run_step(program, step, samples, arena_, scratch_);
  }
  write_logits(program, arena, logits);
}

}  // namespace edgeproof::runtime
