#pragma once

// A network, FP32 or int8, with the pipeline that it was made for, read from an ONNX file.
//
//   const auto model = edgeproof::Model::load("walk.onnx");
//   std::cout << model.input_shape().length << " samples of " << model.input_shape().channels
//             << " channels, " << model.cost().weight_bytes << " bytes\n";
//
// What edgeproof writes is read, and what PyTorch, Keras and scikit-learn's converters write of 1-D
// networks; outputs are logits, a softmax at the end is left out. A model is immutable, cheap to
// copy (copies share it), and safe to use from many threads. To run it, make a Plan (plan.h).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edgeproof/pipeline.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

struct Shape {
  int length = 0;    // positions; samples at the input
  int channels = 0;  // values at each, next to each other in memory
  int size() const { return length * channels; }
  bool operator==(const Shape&) const = default;
};

// A node of the network, in the order in which they run.
struct Layer {
  std::string name = {};
  std::string operation = {};  // "conv1d", "max_pool", …
  Shape output = {};
  std::int64_t macs = 0;          // multiply-accumulates of a window; padding counts as computed
  std::int64_t weight_bytes = 0;  // weights, biases and scales as stored on a device
};

struct Cost {
  std::int64_t macs = 0;
  std::int64_t weight_bytes = 0;
  std::size_t arena_bytes = 0;  // the peak of all activations, 1 (int8) or 4 bytes a value
};

class EDGEPROOF_PUBLIC Model {
 public:
  // Error io for a file that cannot be read; bad_input, naming file and place, for one that is
  // damaged or is no such model; unsupported for operators or layouts beyond edgeproof's. Weights
  // that are kept in other files are read from the file's folder.
  static Model load(const std::filesystem::path& file);

  // The same from the bytes of a file. `name` opens every message; `folder` is where external
  // weights are, without which they are an error.
  static Model parse(std::string_view onnx, const std::string& name = "model",
                     const std::filesystem::path& folder = {});

  const std::string& name() const;  // the file, or what parse() was given
  Shape input_shape() const;
  Shape output_shape() const;
  int outputs() const;  // logits: as many as there are classes
  bool is_int8() const;
  Cost cost() const;  // plans the memory anew with each call
  std::span<const Layer> layers() const;

  // What the file says of sensors, windows, imputation, z-score and labels; nothing for a file from
  // elsewhere.
  const std::optional<Pipeline>& pipeline() const;
  // What was left out at the end, because outputs are logits: "Softmax 'probabilities'".
  std::span<const std::string> left_out() const;

  // The same network with this pipeline, which travels with it into files. Error bad_input if it
  // does not fit the network: its window, input channels or number of labels.
  Model with_pipeline(const Pipeline& pipeline) const;

  // For the library's own files.
  struct Inside;
  explicit Model(std::shared_ptr<const Inside> inside) : inside_(std::move(inside)) {}
  const Inside& inside() const { return *inside_; }

 private:
  std::shared_ptr<const Inside> inside_;
};

}  // namespace edgeproof
