#pragma once

// The one error type of edgeproof.
//
// Thrown where something from outside (a file, a configuration key, a command-line option, a model)
// is read and validated. The message is one line that names the place (file, line, key, node), what
// was found and what was expected, and if possible the mend. Our own mistakes are assertions, not
// Errors.

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace edgeproof {

enum class ErrorCode {
  bad_input,    // a data or model file is not what it should be
  bad_config,   // an option or configuration key is not what it should be
  io,           // the operating system refused to read or write
  unsupported,  // well-formed, but beyond what edgeproof does
  interrupted,  // the user asked to stop; what is finished is kept
};

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// Throws an Error whose message is formatted by fmt.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace edgeproof
