#include "compress/huffman.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "core/error.h"

namespace edgeproof::compress {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes written(const HuffmanCode& code) {
  BitWriter to;
  code.write(to);
  return to.bytes();
}

// Bits of the symbols alone.
std::size_t coded_bits(const HuffmanCode& code, const Bytes& symbols) {
  std::size_t bits = 0;
  for (const std::uint8_t symbol : symbols) {
    BitWriter once, sixteen;  // all but the last 7 bits of sixteen codes are seen in bytes
    for (int i = 0; i < 16; ++i) code.put(symbol, sixteen);
    bits += sixteen.bytes().size() / 2;
  }
  return bits;
}

// The least cost of any code: the sum of all counts that Huffman's procedure merges.
std::size_t least_bits(const Bytes& symbols) {
  std::map<std::uint8_t, std::size_t> counts;
  for (const std::uint8_t symbol : symbols) ++counts[symbol];
  std::multiset<std::size_t> open;
  for (const auto& [symbol, count] : counts) open.insert(count);
  if (open.size() == 1) return symbols.size();
  std::size_t sum = 0;
  while (open.size() > 1) {
    const std::size_t merged = *open.begin() + *std::next(open.begin());
    open.erase(open.begin(), std::next(open.begin(), 2));
    open.insert(merged);
    sum += merged;
  }
  return sum;
}

Bytes round_trip(const Bytes& symbols) {
  const HuffmanCode code = HuffmanCode::of(symbols);
  BitWriter to;
  code.write(to);
  for (const std::uint8_t symbol : symbols) code.put(symbol, to);
  BitReader from(to.bytes());
  const HuffmanCode read = HuffmanCode::read(from);
  Bytes back;
  for (std::size_t i = 0; i < symbols.size(); ++i) back.push_back(read.get(from));
  return back;
}

TEST(Bits, AreReadAsTheyWereWritten) {
  BitWriter to;
  to.put(5, 3);
  to.put(0x1FF, 9);
  to.put(1, 2);
  EXPECT_EQ(to.bytes(), (Bytes{0b10111111, 0b11110100}));
  BitReader from(to.bytes());
  EXPECT_EQ(from.get(3), 5U);
  EXPECT_EQ(from.get(9), 0x1FFU);
  EXPECT_EQ(from.bytes_left(), 0U);
  EXPECT_EQ(from.get(4), 4U);
  EXPECT_THROW(from.get(1), Error);
}

RC_GTEST_PROP(Huffman, CostsTheLeastAndReadsBack, (const Bytes& some)) {
  RC_PRE(!some.empty());
  Bytes symbols;  // the later, the more often
  for (std::size_t i = 0; i < some.size(); ++i)
    symbols.insert(symbols.end(), 1 + i % 9, some[i] / 4);
  RC_ASSERT(coded_bits(HuffmanCode::of(symbols), symbols) == least_bits(symbols));
  RC_ASSERT(round_trip(symbols) == symbols);
}

TEST(Huffman, IsCanonical) {
  // a: 4, b: 2, c: 1, d: 1 times: codes 0, 10, 110, 111.
  const Bytes symbols = {'a', 'b', 'a', 'c', 'a', 'd', 'a', 'b'};
  const HuffmanCode code = HuffmanCode::of(symbols);
  EXPECT_EQ(written(code), (Bytes{'a', 'd', 0x12, 0x33}));
  BitWriter to;
  for (const std::uint8_t symbol : symbols) code.put(symbol, to);
  EXPECT_EQ(to.bytes(), (Bytes{0b01001100, 0b11101000}));
}

TEST(Huffman, AbsentSymbolsTakeFewBitsOfTheTable) {
  const Bytes symbols = {0, 0, 200};
  // 0 and 200, length 1, then 199 absent ones in runs of 16 at 8 bits: 12 and one of 7; length 1.
  EXPECT_EQ(written(HuffmanCode::of(symbols)).size(), 2U + 14);
  EXPECT_EQ(round_trip(symbols), symbols);
}

TEST(Huffman, ALoneSymbolTakesOneBit) {
  const Bytes symbols(100, 7);
  EXPECT_EQ(coded_bits(HuffmanCode::of(symbols), symbols), 100U);
  EXPECT_EQ(round_trip(symbols), symbols);
}

// Counts that grow as Fibonacci's numbers make the deepest tree there is.
TEST(Huffman, NoCodeIsLongerThanItsTableCanSay) {
  Bytes symbols;
  std::size_t count = 1, next = 1;
  for (std::uint8_t symbol = 0; symbol < 22; ++symbol) {
    symbols.insert(symbols.end(), count, symbol);
    next += std::exchange(count, next);
  }
  const HuffmanCode code = HuffmanCode::of(symbols);
  EXPECT_GT(coded_bits(code, symbols), least_bits(symbols));  // the tree's 21 bits were too long
  EXPECT_LT(coded_bits(code, symbols), 1.02 * static_cast<double>(least_bits(symbols)));
  EXPECT_EQ(round_trip(symbols), symbols);
}

TEST(Huffman, ATableThatIsNoCodeIsAnError) {
  const auto read = [](const Bytes& bytes) {
    BitReader from(bytes);
    return HuffmanCode::read(from);
  };
  EXPECT_NO_THROW(read({3, 4, 0x11}));
  EXPECT_NO_THROW(read({3, 3, 0x10}));
  EXPECT_THROW(read({3, 5, 0x11, 0x10}), Error);  // three codes of one bit
  EXPECT_THROW(read({3, 4, 0x12}), Error);        // a code is missing
  EXPECT_THROW(read({3, 3, 0x20}), Error);        // a lone one of two bits
  EXPECT_THROW(read({3, 3, 0x00}), Error);        // none
  EXPECT_THROW(read({4, 3, 0x11}), Error);
  EXPECT_THROW(read({3, 4}), Error);
}

}  // namespace
}  // namespace edgeproof::compress
