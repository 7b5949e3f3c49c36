#pragma once

// What the pictures of the commands share: text in XML, and one look in light and dark.

#include <cstddef>
#include <string>
#include <string_view>

namespace edgeproof::cli {

std::string escaped(std::string_view text);

// A name of up to `most` bytes; of a longer one its beginning and an ellipsis.
std::string shortened(const std::string& name, std::size_t most);

// An element that opens with its style; it ends with "</svg>". `light` and `dark` are further CSS.
// Common classes: "title" (text), "axis" (lines). Paths have no fill.
std::string begin_svg(double width, double height, std::string_view label, std::string_view light,
                      std::string_view dark);

}  // namespace edgeproof::cli
