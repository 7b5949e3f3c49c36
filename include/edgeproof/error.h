#pragma once

// The one exception that edgeproof throws.
//
//   try {
//     const auto model = edgeproof::Model::load("walk.onnx");
//   } catch (const edgeproof::Error& error) {
//     std::cerr << error.what() << '\n';  // "walk.onnx: the file ends within a tensor …"
//   }
//
// It is thrown where something from outside (a file, a configuration key, a command-line option, a
// model, an argument) is read and validated. The message is one line that names the place (file,
// line, key, node), what was found and what was expected, and if possible the mend. Running out of
// memory is std::bad_alloc, as everywhere; functions marked noexcept do neither.

#include <stdexcept>
#include <string>

#include "edgeproof/visibility.h"

namespace edgeproof {

enum class ErrorCode {
  bad_input,    // a data or model file is not what it should be
  bad_config,   // an option or configuration key is not what it should be
  io,           // the operating system refused to read or write
  unsupported,  // well-formed, but beyond what edgeproof does
  interrupted,  // the user asked to stop; what is finished is kept
};

class EDGEPROOF_PUBLIC Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace edgeproof
