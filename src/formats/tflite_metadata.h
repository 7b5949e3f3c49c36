#pragma once

// A model's pipeline as TFLite Metadata has it, for tools that read that: a FlatBuffer of its own
// (metadata_schema.fbs of TensorFlow Lite Support) in the metadata entry "TFLITE_METADATA", and the
// labels in a file "labels.txt" of a zip archive that follows the model. Internal to formats.

#include <cstddef>
#include <string>
#include <vector>

#include "formats/metadata.h"

namespace edgeproof::formats::tflite {

inline constexpr const char* kInputName = "windows";
inline constexpr const char* kOutputName = "logits";

// Name and version, what the input is and how each of its channels is normalized, and that the
// output's values have the labels of labels.txt.
std::string metadata_of(const Deployment& deployment, const std::string& model_name);

// The archive, stored, one label a line, for the end of a file that has `offset` bytes so far: zip
// counts from the beginning of the file.
std::string labels_archive(const std::vector<std::string>& labels, std::size_t offset);

}  // namespace edgeproof::formats::tflite
