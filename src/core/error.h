#pragma once

// The one error type of edgeproof (include/edgeproof/error.h), and how it is thrown.
//
// Our own mistakes are assertions, not Errors.

#include <fmt/format.h>

#include <utility>

#include "edgeproof/error.h"

namespace edgeproof {

// Throws an Error whose message is formatted by fmt.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace edgeproof
