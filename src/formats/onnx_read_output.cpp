// The model's end: outputs of ours are logits. Test: see onnx_reader.h.

#include <algorithm>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {

// Whether nothing but operators of `allowed` lie between the node and the model's output.
bool Reader::all_follow(const onnx::NodeProto& node, const std::set<std::string>& allowed) const {
  const onnx::NodeProto* last = &node;
  for (int i = 0; i < onnx_.node_size(); ++i) {
    if (last->output_size() != 1) return false;
    if (last->output(0) == onnx_.output(0).name()) return true;
    const auto next = readers_.find(last->output(0));
    if (next == readers_.end() || uses_.at(last->output(0)) > 1) return false;
    last = next->second;
    if (!allowed.contains(last->op_type())) return false;
  }
  return false;
}

// What turns logits into probabilities or a label, at the end only: ours are logits.
void Reader::leave_out(const onnx::NodeProto& node, const Value& input, int axis) {
  static const std::set<std::string> kMayFollow = {"ArgMax", "Cast", "Identity"};
  if (!all_follow(node, kMayFollow)) {
    fail(ErrorCode::unsupported, "{}: is supported as the last operation only", where_);
  }
  const auto rank = static_cast<int>(input.axes.size());
  if (channels_axis(input.axes, shape_of(input)) != (axis < 0 ? axis + rank : axis)) {
    fail(ErrorCode::unsupported, "{}: axis {} of {} are not the classes", where_, axis,
         described(input.axes));
  }
  left_out_.push_back(fmt::format("{} '{}'", node.op_type(), name_of(node)));
  put(node, input);
}

void Reader::read_softmax(const onnx::NodeProto& node) {
  const Value input = take(node);
  Attributes attributes(node, where_);
  const int axis = attributes.integer("axis", -1);
  attributes.no_others();
  leave_out(node, input, axis);
}

void Reader::read_arg_max(const onnx::NodeProto& node) {
  const Value input = take(node);
  Attributes attributes(node, where_);
  const int axis = attributes.integer("axis", 0);
  attributes.integer("keepdims", 1);
  attributes.integer("select_last_index", 0);  // of equal ones
  attributes.no_others();
  leave_out(node, input, axis);
}

void Reader::read_output() {
  const std::string& name = onnx_.output(0).name();
  const auto found = values_.find(name);
  if (found != values_.end() && found->second.pad_left + found->second.pad_right > 0) {
    fail(ErrorCode::unsupported, "{}: output '{}' is padded", source_, name);
  }
  if (found == values_.end() || found->second.quantized ||
      found->second.node + 1 != graph_.nodes.size()) {
    fail(ErrorCode::unsupported, "{}: output '{}' is not what the last node computes", source_,
         name);
  }
  const Axes& axes = found->second.axes;
  if (std::ranges::find(axes, Axis::channels_length) != axes.end() ||
      std::ranges::find(axes, Axis::length_channels) != axes.end() ||
      std::ranges::find(axes, Axis::batch_length) != axes.end()) {
    fail(ErrorCode::unsupported, "{}: output '{}' is flattened", source_, name);
  }
}

}  // namespace edgeproof::formats
