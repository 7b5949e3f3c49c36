#pragma once

// Weights that a model keeps in files beside it. Internal to formats.

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

namespace edgeproof::formats {

// Puts the bytes of every external tensor into the model. Their files must be in `folder` or below
// it, links followed. Error bad_input for others, for pieces that are not there, and for more than
// a model may have in all; io for files that cannot be read.
void load_external_data(onnx::ModelProto& model, const std::filesystem::path& folder,
                        const std::string& source);

}  // namespace edgeproof::formats
