#include "compress/coded_weights.h"

#include <algorithm>

#include "compress/huffman.h"
#include "core/error.h"
#include "graph/cost.h"

namespace edgeproof::compress {
namespace {

constexpr std::uint32_t kDense = 0, kSparse = 1;  // others: plain, of so many bits
constexpr std::uint8_t kLongestGap = 31;

using Levels = std::span<const std::int8_t>;

// Levels as symbols, in their order.
std::uint8_t to_symbol(std::int8_t level) {
  return static_cast<std::uint8_t>(level + 128);
}

std::int8_t to_level(std::uint8_t symbol) {
  return static_cast<std::int8_t>(symbol - 128);
}

std::vector<std::uint8_t> plain(Levels levels) {
  int bits = 2;
  for (const std::int8_t level : levels) {
    while (level < -(1 << (bits - 1)) || level >= 1 << (bits - 1)) bits *= 2;
  }
  BitWriter to;
  to.put(static_cast<std::uint32_t>(bits), 8);
  for (const std::int8_t level : levels) to.put(static_cast<std::uint8_t>(level), bits);
  return to.bytes();
}

std::vector<std::uint8_t> dense(Levels levels) {
  std::vector<std::uint8_t> symbols(levels.size());
  std::ranges::transform(levels, symbols.begin(), to_symbol);
  const HuffmanCode code = HuffmanCode::of(symbols);
  BitWriter to;
  to.put(kDense, 8);
  code.write(to);
  for (const std::uint8_t symbol : symbols) code.put(symbol, to);
  return to.bytes();
}

std::vector<std::uint8_t> sparse(Levels levels) {
  std::vector<std::uint8_t> gaps, symbols;
  std::uint8_t gap = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] == 0 && gap < kLongestGap && i + 1 < levels.size()) {
      ++gap;
    } else {
      gaps.push_back(gap);
      symbols.push_back(to_symbol(levels[i]));
      gap = 0;
    }
  }
  const HuffmanCode gap_code = HuffmanCode::of(gaps), level_code = HuffmanCode::of(symbols);
  BitWriter to;
  to.put(kSparse, 8);
  gap_code.write(to);
  level_code.write(to);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    gap_code.put(gaps[i], to);
    level_code.put(symbols[i], to);
  }
  return to.bytes();
}

void read_plain(BitReader& from, int bits, std::span<std::int8_t> levels) {
  const int half = 1 << (bits - 1);
  for (std::int8_t& level : levels) {
    const auto number = static_cast<int>(from.get(bits));
    level = static_cast<std::int8_t>(number >= half ? number - 2 * half : number);
  }
}

void read_dense(BitReader& from, std::span<std::int8_t> levels) {
  const HuffmanCode code = HuffmanCode::read(from);
  for (std::int8_t& level : levels) level = to_level(code.get(from));
}

void read_sparse(BitReader& from, std::span<std::int8_t> levels) {
  const HuffmanCode gap_code = HuffmanCode::read(from), level_code = HuffmanCode::read(from);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    i += gap_code.get(from);
    const std::int8_t level = to_level(level_code.get(from));
    if (i >= levels.size()) {
      fail(ErrorCode::bad_input, "coded weights: {} or more, expected {}", i + 1, levels.size());
    }
    levels[i] = level;
  }
}

}  // namespace

std::vector<std::uint8_t> encode_levels(Levels levels) {
  std::vector<std::uint8_t> best = plain(levels);
  if (levels.empty()) return best;
  for (auto& other : {dense(levels), sparse(levels)}) {
    if (other.size() < best.size()) best = other;
  }
  return best;
}

std::vector<std::int8_t> decode_levels(std::span<const std::uint8_t> bytes, std::size_t count) {
  std::vector<std::int8_t> levels(count, 0);
  BitReader from(bytes);
  const std::uint32_t form = from.get(8);
  switch (form) {
    case kDense:
      read_dense(from, levels);
      break;
    case kSparse:
      read_sparse(from, levels);
      break;
    case 2:
    case 4:
    case 8:
      read_plain(from, static_cast<int>(form), levels);
      break;
    default:
      fail(ErrorCode::bad_input, "coded weights: form {}, expected 0, 1, 2, 4 or 8", form);
  }
  if (from.bytes_left() > 0) {
    fail(ErrorCode::bad_input, "coded weights: {} bytes after the last of {} weights",
         from.bytes_left(), count);
  }
  return levels;
}

std::int64_t coded_weight_bytes(const graph::Node& node) {
  const graph::Weights* weights = graph::weights_of(node.op);
  const auto* q = weights == nullptr ? nullptr : std::get_if<graph::Int8Weights>(weights);
  if (q == nullptr) return graph::weight_bytes(node);
  return static_cast<std::int64_t>(encode_levels(q->values).size() +
                                   4 * (q->bias.size() + q->scales.size()));
}

std::int64_t coded_weight_bytes(const graph::Graph& graph) {
  std::int64_t bytes = 0;
  for (const graph::Node& node : graph.nodes) bytes += coded_weight_bytes(node);
  return bytes;
}

}  // namespace edgeproof::compress
