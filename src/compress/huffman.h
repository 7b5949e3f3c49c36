#pragma once

// Canonical Huffman codes of bytes, and the bits that they are written in.
//
// A canonical code is known from its code lengths alone: codes of one length count upwards with the
// symbols, and go on, one bit longer, with the next length. Internal to compress.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace edgeproof::compress {

// The highest bit of a number first.
class BitWriter {
 public:
  void put(std::uint32_t number, int bits);
  // The last one filled up with zeros.
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  int free_ = 0;  // bits of the last byte
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  // Error bad_input at the end.
  std::uint32_t get(int bits);
  // Whole bytes of which nothing was read.
  std::size_t bytes_left() const { return bytes_.size() - (position_ + 7) / 8; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;  // in bits
};

class HuffmanCode {
 public:
  static constexpr int kLongest = 15;  // bits of a code

  // The shortest code for these symbols (Huffman 1952), as long as none needs more than kLongest
  // bits: then the counts are halved until it is so. A lone symbol takes one bit.
  static HuffmanCode of(std::span<const std::uint8_t> symbols);

  // Reads a code that write() has written. Error bad_input if it is none.
  static HuffmanCode read(BitReader& from);
  // The first and the last symbol there are, 8 bits each, and the code lengths from one to the
  // other, 4 bits each. Length 0 is a symbol that there is not; how many more of these follow it,
  // up to 15, are 4 bits more.
  void write(BitWriter& to) const;

  // `symbol` must be one that there is.
  void put(std::uint8_t symbol, BitWriter& to) const;
  // Error bad_input at the end.
  std::uint8_t get(BitReader& from) const;

 private:
  using Lengths = std::array<std::uint8_t, 256>;
  explicit HuffmanCode(const Lengths& lengths);

  Lengths lengths_;
  std::array<std::uint16_t, 256> codes_{};
  std::array<int, kLongest + 1> count_{};  // of codes, by length
  std::vector<std::uint8_t> symbols_;      // in the order of their codes
};

}  // namespace edgeproof::compress
