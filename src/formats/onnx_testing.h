#pragma once

// For tests only: models as protobuf messages, to be looked at and damaged.

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <stdexcept>
#include <string>

#include "core/error.h"
#include "formats/onnx.h"

namespace edgeproof::formats {

inline onnx::ModelProto parse(const std::string& bytes) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  return model;
}

inline onnx::ModelProto written(const graph::Graph& graph) {
  return parse(to_onnx({graph, {}}));
}

inline std::string message_of(const onnx::ModelProto& model) {
  try {
    from_onnx(model.SerializeAsString(), "m.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

inline onnx::NodeProto& first(onnx::ModelProto& model, const std::string& op) {
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    if (node.op_type() == op) return node;
  }
  throw std::runtime_error("no " + op);
}

}  // namespace edgeproof::formats
