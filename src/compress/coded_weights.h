#pragma once

// The size of weights as they are stored after entropy coding (Han, Mao, Dally 2016, "Deep
// Compression", sections 2 and 4), which is what zeros and few levels save in flash or in a
// download. It saves nothing else: weights must be decoded to RAM before the network runs, or again
// and again while it does.
//
// A layer's levels are bytes that hold their form, 8 bits, and then bits, highest first:
//   2, 4, 8  plain: each level in so many bits, two's complement
//   0        dense: a Huffman code (huffman.h), and every level in it
//   1        sparse: two Huffman codes, and pairs of a gap in the first and a level in the second.
//   A
//            gap is how many zeros, up to 31, come before the level; a level is 0 where a longer
//            gap goes on or the layer ends.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::compress {

// In the form that takes the fewest bytes.
std::vector<std::uint8_t> encode_levels(std::span<const std::int8_t> levels);

// The `count` levels of a layer, whose shape says how many there are: whatever the bytes, no more
// memory than that is used. Error bad_input for bytes that do not hold just so many.
std::vector<std::int8_t> decode_levels(std::span<const std::uint8_t> bytes, std::size_t count);

// graph::weight_bytes() with the weights of int8 layers encoded so; biases and scales are not, nor
// is anything of an FP32 graph.
std::int64_t coded_weight_bytes(const graph::Graph& graph);
std::int64_t coded_weight_bytes(const graph::Node& node);

}  // namespace edgeproof::compress
