#pragma once

// The page without its data: page/ and the charting libraries in one HTML text, made at build time
// by page/assemble.cmake.

#include <string_view>

namespace edgeproof::report {

// Holds the marker @EDGEPROOF_DATA@ once, where render() puts the data.
std::string_view page_html();

}  // namespace edgeproof::report
