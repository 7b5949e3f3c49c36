#pragma once

// What the pictures of the commands share: text in XML, and one look in light and dark.

#include <string>
#include <string_view>

namespace edgeproof::cli {

std::string escaped(std::string_view text);

// An element that opens with its style; it ends with "</svg>". `light` and `dark` are further CSS.
// Common classes: "title" (text), "axis" (lines). Paths have no fill.
std::string begin_svg(double width, double height, std::string_view label, std::string_view light,
                      std::string_view dark);

}  // namespace edgeproof::cli
