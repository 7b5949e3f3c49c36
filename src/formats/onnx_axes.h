#pragma once

// What the dimensions of an ONNX activation are to us: ONNX has them in any order, with units
// between them or some of them flattened, where we have [length, channels]. Internal to formats.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::formats {

// `unit` is a dimension of 1, also that of a single channel or position: what has one value needs
// no place. The next two are both of them flattened, the second varying fastest; batch_length, the
// first dimension only, has the positions of all windows one after another.
enum class Axis { batch, channels, length, unit, channels_length, length_channels, batch_length };
using Axes = std::vector<Axis>;

// Stands for the batch in shapes that a model computes with.
inline constexpr std::int64_t kBatch = std::int64_t{-1} << 40;

std::int64_t size_of(Axis axis, graph::Shape shape);

// `axes` with `unit` for what has one value in `shape`.
Axes named(Axes axes, graph::Shape shape);

// The axes of a value of `shape` whose dimensions become `dims` (as ONNX's Reshape: 0 copies, -1 is
// what is left). Nothing if these are no dimensions that we have, or the batch is not in the first.
std::optional<Axes> reshaped(const Axes& axes, graph::Shape shape,
                             const std::vector<std::int64_t>& dims);

// Which dimension holds the channels, or the positions; -1 if that is no axis of its own. A
// unit may serve for what has one value: then the first unit for channels, the last for positions.
int channels_axis(const Axes& axes, graph::Shape shape);
int length_axis(const Axes& axes, graph::Shape shape);

// "[batch, channels, 1]": for messages.
std::string described(const Axes& axes);

}  // namespace edgeproof::formats
