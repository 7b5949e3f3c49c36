// Weights beside the model, and paths that lead elsewhere.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"
#include "formats/onnx_testing.h"

namespace edgeproof::formats {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OnnxExternal : public testing::Test {
 protected:
  OnnxExternal() {
    fs::create_directories(root_ / "model" / "weights");
    graph_ = with_random_weights(two_dense_layers(), 4);
    model_ = written(graph_);
  }

  // Moves the first weight to "weights/w.bin", behind eight other bytes.
  onnx::TensorProto& move_out(const std::string& location) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->mutable_initializer(0);
    write_file(root_ / "model" / "weights" / "w.bin", "8 bytes " + tensor.raw_data());
    const std::string length = std::to_string(tensor.raw_data().size());
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"location", location},
                                     {"offset", "8"},
                                     {"length", length}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    return tensor;
  }
  std::string message() const {
    try {
      from_onnx(model_.SerializeAsString(), "m.onnx", root_ / "model");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TempFolder folder_;
  const fs::path root_ = folder_.path();
  graph::Graph graph_;
  onnx::ModelProto model_;
};

TEST_F(OnnxExternal, WeightsBesideTheModelAreRead) {
  move_out("weights/w.bin");
  const Model read = from_onnx(model_.SerializeAsString(), "m.onnx", root_ / "model");
  EXPECT_EQ(describe(read.graph), describe(graph_));
}

TEST_F(OnnxExternal, PathsOutOfTheFolderAreRefused) {
  onnx::TensorProto& tensor = move_out("weights/w.bin");
  write_file(root_ / "secret", "12345678 and all the rest of it, long enough");
  fs::create_symlink(root_ / "secret", root_ / "model" / "link");
  fs::create_directory_symlink(root_, root_ / "model" / "up");
  for (const std::string& location :
       std::vector<std::string>{"../secret", "weights/../../secret", (root_ / "secret").string(),
                                "link", "up/secret", "", ".", "weights"}) {
    tensor.mutable_external_data(0)->set_value(location);
    EXPECT_THAT(message(), HasSubstr(fmt::format("'{}' is not in the model's folder", location)));
  }
  tensor.mutable_external_data(0)->set_value("nowhere");
  EXPECT_THAT(message(), HasSubstr("its file 'nowhere' cannot be read"));
}

TEST_F(OnnxExternal, PiecesMustBeThere) {
  onnx::TensorProto& tensor = move_out("weights/w.bin");
  tensor.mutable_external_data(1)->set_value("9");
  EXPECT_THAT(message(), HasSubstr("bytes 9 to"));
  tensor.mutable_external_data(1)->set_value("18446744073709551615");
  EXPECT_THAT(message(), HasSubstr("'weights/w.bin', which has"));
  tensor.mutable_external_data(1)->set_value("-1");
  EXPECT_THAT(message(), HasSubstr("'-1' is no offset or length"));
}

}  // namespace
}  // namespace edgeproof::formats
