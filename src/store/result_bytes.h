#pragma once

// Results as bytes (CBOR), for sending them to another process of the same program. They come back
// bit by bit.

#include <string>
#include <string_view>

#include "store/store.h"

namespace edgeproof::store {

std::string to_bytes(const Result& result);
// Error bad_input for bytes that are not a result.
Result result_from_bytes(std::string_view bytes);

}  // namespace edgeproof::store
