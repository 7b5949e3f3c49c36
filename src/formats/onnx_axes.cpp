#include "formats/onnx_axes.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace edgeproof::formats {
namespace {

// Those of more than one value, in order, flattened ones apart.
Axes elements(const Axes& axes, graph::Shape shape) {
  Axes found;
  for (const Axis axis : axes) {
    if (axis == Axis::channels_length) {
      found.insert(found.end(), {Axis::channels, Axis::length});
    } else if (axis == Axis::length_channels) {
      found.insert(found.end(), {Axis::length, Axis::channels});
    } else if (axis == Axis::batch_length) {
      found.push_back(Axis::length);
    } else if (axis != Axis::batch) {
      found.push_back(axis);
    }
  }
  std::erase_if(found, [shape](Axis axis) { return size_of(axis, shape) == 1; });
  return found;
}

// The dimensions behind the batch, with nothing left open; nothing if they do not fit.
std::optional<std::vector<std::int64_t>> resolved(const Axes& axes, graph::Shape shape,
                                                  const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> sizes;
  std::int64_t product = 1;
  int open = -1;
  for (std::size_t i = 1; i < dims.size(); ++i) {
    std::int64_t size = dims[i];
    if (size == 0 && i < axes.size()) size = size_of(axes[i], shape);
    if (size == -1 && open < 0) {
      open = static_cast<int>(i) - 1;
    } else if (size < 1 || size > (std::int64_t{1} << 40) / product) {
      return std::nullopt;
    } else {
      product *= size;
    }
    sizes.push_back(size);
  }
  if (open >= 0) sizes[static_cast<std::size_t>(open)] = shape.size() / product;
  const bool fits = open >= 0 ? shape.size() % product == 0 : product == shape.size();
  return fits ? std::optional(sizes) : std::nullopt;
}

// Sequences with their channels last as rows, one for each position of each window.
std::optional<Axes> as_rows(const Axes& axes, graph::Shape shape,
                            const std::vector<std::int64_t>& dims) {
  const bool fits = dims.size() == 2 && (dims[0] == -1 || dims[0] == shape.length) &&
                    (dims[1] == shape.channels || (dims[1] == -1 && dims[0] != -1));
  const Axes found = elements(axes, shape);
  const bool is_last = found.size() == 1 || (found.size() == 2 && found[1] == Axis::channels);
  if (!fits || !is_last || shape.length == 1) return std::nullopt;
  return Axes{Axis::batch_length, shape.channels == 1 ? Axis::unit : Axis::channels};
}

}  // namespace

std::int64_t size_of(Axis axis, graph::Shape shape) {
  switch (axis) {
    case Axis::batch:
      return kBatch;
    case Axis::channels:
      return shape.channels;
    case Axis::length:
      return shape.length;
    case Axis::unit:
      return 1;
    case Axis::channels_length:
    case Axis::length_channels:
      break;
    case Axis::batch_length:
      return kBatch;
  }
  return shape.size();
}

Axes named(Axes axes, graph::Shape shape) {
  for (Axis& axis : axes) {
    const bool is_flat = axis == Axis::channels_length || axis == Axis::length_channels;
    if (is_flat && shape.length == 1) axis = Axis::channels;
    if (is_flat && shape.length > 1 && shape.channels == 1) axis = Axis::length;
    if (axis == Axis::batch_length && shape.length == 1) axis = Axis::batch;
    if (size_of(axis, shape) == 1) axis = Axis::unit;
  }
  return axes;
}

std::optional<Axes> reshaped(const Axes& axes, graph::Shape shape,
                             const std::vector<std::int64_t>& dims) {
  if (dims.empty() || axes.empty()) return std::nullopt;
  const bool copies_rows = dims[0] == 0 && axes[0] == Axis::batch_length;
  const bool has_batch = dims[0] == kBatch || (dims[0] >= -1 && dims[0] <= 1 && !copies_rows);
  const auto sizes = has_batch ? resolved(axes, shape, dims) : std::nullopt;
  if (!sizes) return as_rows(axes, shape, dims);
  const Axes elements = formats::elements(axes, shape);
  const bool is_flat =
      elements.size() == 2 && std::ranges::find(*sizes, shape.size()) != sizes->end();
  Axes result = {Axis::batch};
  std::size_t next = 0;
  for (const std::int64_t size : *sizes) {
    if (size == 1) {
      result.push_back(Axis::unit);
    } else if (is_flat) {
      result.push_back(elements[0] == Axis::channels ? Axis::channels_length
                                                     : Axis::length_channels);
    } else if (next < elements.size() && size_of(elements[next], shape) == size) {
      result.push_back(elements[next++]);
    } else {
      return std::nullopt;
    }
  }
  return result;
}

int channels_axis(const Axes& axes, graph::Shape shape) {
  const Axis wanted = shape.channels == 1 ? Axis::unit : Axis::channels;
  const auto found = std::find(axes.begin(), axes.end(), wanted);
  return found == axes.end() ? -1 : static_cast<int>(found - axes.begin());
}

int length_axis(const Axes& axes, graph::Shape shape) {
  const Axis wanted = shape.length == 1 ? Axis::unit : Axis::length;
  const auto found = std::find(axes.rbegin(), axes.rend(), wanted);
  return found == axes.rend() ? -1 : static_cast<int>(axes.rend() - found) - 1;
}

std::string described(const Axes& axes) {
  constexpr std::array kNames = {
      "batch",         "channels", "length", "1", "channels x length", "length x channels",
      "batch x length"};
  std::vector<std::string> names;
  for (const Axis axis : axes) names.emplace_back(kNames[static_cast<std::size_t>(axis)]);
  return "[" + join(names, ", ") + "]";
}

}  // namespace edgeproof::formats
