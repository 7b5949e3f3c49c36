#pragma once

// The page without its data: page/ and the charting libraries in one HTML text, made at build time
// by page/assemble.cmake.

#include <string_view>

namespace edgeproof::report {

// Holds the marker @EDGEPROOF_DATA@ once, where render() puts the data.
std::string_view page_html();

// What this build's page lacks, and how to get it; empty if it has everything.
std::string_view page_lacks();

}  // namespace edgeproof::report
