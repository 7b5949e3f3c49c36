// Decoding walks the lengths: the codes of a length are consecutive numbers, so that the first of
// them and their count say whether the bits read so far are one.

#include "compress/huffman.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "core/error.h"

namespace edgeproof::compress {
namespace {

constexpr int kLongestRun = 15;  // of absent symbols after the first one

using Counts = std::array<std::uint64_t, 256>;

// The depths of Huffman's tree; equal counts are merged in the order in which they came up.
std::array<std::uint8_t, 256> tree_depths(const Counts& counts) {
  using Entry = std::pair<std::uint64_t, std::size_t>;  // count, node
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] > 0) open.emplace(counts[s], s);
  }
  std::array<std::uint8_t, 256> depths{};
  if (open.size() == 1) depths[open.top().second] = 1;
  if (open.size() < 2) return depths;
  std::vector<std::size_t> parent(counts.size());  // nodes beyond the symbols are inner ones
  while (open.size() > 1) {
    const Entry a = open.top();
    open.pop();
    const Entry b = open.top();
    open.pop();
    parent[a.second] = parent[b.second] = parent.size();
    open.emplace(a.first + b.first, parent.size());
    parent.push_back(0);
  }
  std::vector<int> depth(parent.size(), 0);
  for (std::size_t node = parent.size() - 1; node-- > 0;) {
    if (node < counts.size() && counts[node] == 0) continue;
    depth[node] = depth[parent[node]] + 1;
    if (node < counts.size()) depths[node] = static_cast<std::uint8_t>(depth[node]);
  }
  return depths;
}

}  // namespace

void BitWriter::put(std::uint32_t number, int bits) {
  while (bits-- > 0) {
    if (free_ == 0) {
      bytes_.push_back(0);
      free_ = 8;
    }
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | ((number >> bits & 1) << --free_));
  }
}

std::uint32_t BitReader::get(int bits) {
  std::uint32_t number = 0;
  for (; bits > 0; --bits, ++position_) {
    if (position_ / 8 >= bytes_.size()) {
      fail(ErrorCode::bad_input, "coded weights: {} bytes, expected more", bytes_.size());
    }
    number = number << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1U);
  }
  return number;
}

HuffmanCode::HuffmanCode(const Lengths& lengths) : lengths_(lengths) {
  std::uint32_t code = 0;
  for (int length = 1; length <= kLongest; ++length) {
    code <<= 1;
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      if (lengths[s] != length) continue;
      codes_[s] = static_cast<std::uint16_t>(code++);
      symbols_.push_back(static_cast<std::uint8_t>(s));
      ++count_[static_cast<std::size_t>(length)];
    }
  }
}

HuffmanCode HuffmanCode::of(std::span<const std::uint8_t> symbols) {
  Counts counts{};
  for (const std::uint8_t symbol : symbols) ++counts[symbol];
  Lengths lengths = tree_depths(counts);
  while (*std::ranges::max_element(lengths) > kLongest) {
    for (std::uint64_t& count : counts) count = (count + 1) / 2;
    lengths = tree_depths(counts);
  }
  return HuffmanCode(lengths);
}

void HuffmanCode::write(BitWriter& to) const {
  const auto there = [](std::uint8_t length) { return length > 0; };
  const auto first = std::ranges::find_if(lengths_, there);
  const auto last = std::find_if(lengths_.rbegin(), lengths_.rend(), there).base();  // beyond it
  to.put(static_cast<std::uint32_t>(first - lengths_.begin()), 8);
  to.put(static_cast<std::uint32_t>(last - lengths_.begin() - 1), 8);
  for (auto at = first; at < last;) {
    to.put(*at, 4);
    if (*at++ > 0) continue;
    const auto next =
        std::find_if(at, at + std::min<std::ptrdiff_t>(kLongestRun, last - at), there);
    to.put(static_cast<std::uint32_t>(next - at), 4);
    at = next;
  }
}

HuffmanCode HuffmanCode::read(BitReader& from) {
  Lengths lengths{};
  const std::uint32_t first = from.get(8), last = from.get(8);
  std::uint32_t used = 0, count = 0;  // of 2^kLongest codes of the greatest length; of symbols
  for (std::uint32_t s = first; s <= last; ++s) {
    lengths[s] = static_cast<std::uint8_t>(from.get(4));
    if (lengths[s] > 0) {
      used += 1U << (kLongest - lengths[s]);
      ++count;
    } else {
      s += from.get(4);
    }
  }
  // Every string of bits is a code, but for a lone symbol's.
  const bool lone = count == 1 && used == 1U << (kLongest - 1);
  if (used != 1U << kLongest && !lone) {
    fail(ErrorCode::bad_input, "coded weights: {} code lengths that are no Huffman code", count);
  }
  return HuffmanCode(lengths);
}

void HuffmanCode::put(std::uint8_t symbol, BitWriter& to) const {
  to.put(codes_[symbol], lengths_[symbol]);
}

std::uint8_t HuffmanCode::get(BitReader& from) const {
  int code = 0, first = 0, before = 0;
  for (const int count : std::span(count_).subspan(1)) {
    code = code << 1 | static_cast<int>(from.get(1));
    if (code - first < count) return symbols_[static_cast<std::size_t>(before + code - first)];
    before += count;
    first = (first + count) << 1;
  }
  fail(ErrorCode::bad_input, "coded weights: bits that are no code");
}

}  // namespace edgeproof::compress
