#pragma once

// The step between channels-last and ONNX's channels-first weights.

#include <cstddef>
#include <vector>

namespace edgeproof::formats {

// [outer, rows, columns] -> [outer, columns, rows]. values.size() must be a multiple of rows *
// columns.
template <typename T>
std::vector<T> swap_last_two(const std::vector<T>& values, int rows, int columns) {
  const auto r = static_cast<std::size_t>(rows);
  const auto c = static_cast<std::size_t>(columns);
  std::vector<T> swapped(values.size());
  for (std::size_t block = 0; block < values.size(); block += r * c) {
    for (std::size_t i = 0; i < r; ++i) {
      for (std::size_t j = 0; j < c; ++j) swapped[block + j * r + i] = values[block + i * c + j];
    }
  }
  return swapped;
}

}  // namespace edgeproof::formats
