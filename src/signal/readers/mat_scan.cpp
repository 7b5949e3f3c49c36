// A file is a header and then data elements: a tag of type and size, and the bytes. An array is an
// element with elements in it: flags, dimensions, name, numbers. A compressed element holds an
// array's element, of which only the beginning is inflated. Test: mat_test.cpp.

#include "signal/readers/mat_scan.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/error.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kTagBytes = 8;
enum Type : std::uint32_t { kInt8 = 1, kInt32 = 5, kUint32 = 6, kMatrix = 14, kCompressed = 15 };

// Reads elements one after the other.
class Elements {
 public:
  Elements(std::string_view bytes, bool big_endian, const std::string& place)
      : bytes_(bytes), big_endian_(big_endian), place_(place) {}

  struct Element {
    std::uint32_t type = 0;
    std::uint32_t size = 0;
    std::string_view data;
  };

  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t at() const { return at_; }

  // A tag, of which the data may follow in part or not at all.
  Element tag() {
    if (bytes_.size() - at_ < kTagBytes) fail_here("a tag of 8 bytes");
    Element element{word(at_), word(at_ + 4), {}};
    at_ += kTagBytes;
    return element;
  }

  // The same, of which up to four bytes of data may be within the tag.
  Element small_or_tag() {
    const std::size_t begin = at_;
    Element element = tag();
    if (element.type >> 16 == 0) return element;
    element.size = element.type >> 16;
    element.type &= 0xFFFFU;
    if (element.size > 4) fail_here("a small element of at most 4 bytes");
    element.data = bytes_.substr(begin + 4, element.size);
    return element;
  }

  // A tag and its data, which are padded to a multiple of 8 bytes.
  Element next() {
    Element element = small_or_tag();
    if (!element.data.empty()) return element;
    take(element);
    const std::size_t padding = (8 - element.size % 8) % 8;
    at_ += std::min(padding, bytes_.size() - at_);
    return element;
  }

  // The data that a tag announces.
  void take(Element& element) {
    if (bytes_.size() - at_ < element.size) {
      fail_here(fmt::format("{} bytes of data", element.size));
    }
    element.data = bytes_.substr(at_, element.size);
    at_ += element.size;
  }

  std::uint32_t word(std::size_t at) const { return word(bytes_, at); }
  std::uint32_t word(std::string_view bytes, std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t shift = 8 * (big_endian_ ? 3 - i : i);
      value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << shift;
    }
    return value;
  }

  [[noreturn]] void fail_here(std::string_view expected) const {
    fail(ErrorCode::bad_input, "{}, byte {}: expected {}; the file is damaged or cut short", place_,
         at_, expected);
  }

 private:
  std::string_view bytes_;
  bool big_endian_;
  const std::string& place_;
  std::size_t at_ = 0;
};

// At most `size` bytes of what is compressed; fewer if it ends before or is damaged.
std::string inflated(std::string_view compressed, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

// Bytes of one value of a data element's type; 0 for what is no number.
std::uint32_t value_bytes(std::uint32_t type) {
  constexpr std::array<std::uint32_t, 14> kBytes{0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8};
  return type < kBytes.size() ? kBytes[type] : 0;
}

// Flags, dimensions, name and the tag of the numbers, at the beginning of an array's data.
void read_array_header(std::string_view data, bool big_endian, const std::string& place,
                       MatElement& array) {
  constexpr std::size_t kMaxDimensions = 32;
  Elements parts(data, big_endian, place);
  const Elements::Element flags = parts.next();
  if (flags.type != kUint32 || flags.size != 8) parts.fail_here("an array's flags");
  const std::uint32_t word = parts.word(flags.data, 0);
  array.array_class = static_cast<int>(word & 0xFFU);
  array.complex = (word & 0x0800U) != 0;
  constexpr int kOpaque = 17;  // of newer kinds of objects, which have no dimensions
  if (array.array_class == kOpaque) return;

  const Elements::Element dimensions = parts.next();
  const std::size_t rank = dimensions.size / 4;
  if (dimensions.type != kInt32 || dimensions.size % 4 != 0 || rank < 2 || rank > kMaxDimensions) {
    parts.fail_here("an array's dimensions");
  }
  for (std::size_t i = 0; i < rank; ++i) {
    array.shape.push_back(static_cast<std::int32_t>(parts.word(dimensions.data, 4 * i)));
  }
  const Elements::Element name = parts.next();
  if (name.type != kInt8) parts.fail_here("an array's name");
  array.name = std::string(name.data);
  array.name.resize(std::min(array.name.size(), array.name.find('\0')));

  constexpr int kDouble = 6, kUint64Class = 15;
  if (array.array_class < kDouble || array.array_class > kUint64Class) return;
  const Elements::Element numbers = parts.small_or_tag();
  const std::uint32_t bytes = value_bytes(numbers.type);
  if (bytes == 0 || numbers.size % bytes != 0 || numbers.size > array.bytes_inside) {
    parts.fail_here("an array's numbers");
  }
  array.values = numbers.size / bytes;
}

}  // namespace

std::vector<MatElement> scan_mat5(std::string_view file, const std::string& place) {
  const bool big_endian = file.substr(126, 2) == "MI";
  std::vector<MatElement> arrays;
  Elements elements(file, big_endian, place);
  {
    Elements::Element header{0, kHeaderBytes, {}};
    elements.take(header);
  }
  while (!elements.at_end()) {
    const std::size_t begin = elements.at();
    Elements::Element element = elements.tag();
    elements.take(element);  // elements at this level are not padded, arrays being multiples of 8
    MatElement array{.bytes = file.substr(begin, elements.at() - begin)};
    std::string beginning;
    std::string_view data = element.data;
    array.bytes_inside = element.size;
    array.compressed = element.type == kCompressed;
    if (array.compressed) {
      constexpr std::size_t kEnough = 1024;  // for the headers: names have at most 63 characters
      beginning = inflated(element.data, kEnough);
      Elements inner(beginning, big_endian, place);
      const Elements::Element tag = inner.tag();
      element.type = tag.type;
      array.bytes_inside = tag.size;
      data = std::string_view(beginning).substr(kTagBytes);
    }
    if (element.type == kMatrix && !data.empty()) {
      read_array_header(data, big_endian, place, array);
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::string decompress(const MatElement& element, const std::string& place) {
  if (!element.compressed) return std::string(element.bytes);
  constexpr std::size_t kMaxInflation = 1032;  // of deflate: one bit for 258 bytes, at best
  const std::string_view data = element.bytes.substr(kTagBytes);
  const std::size_t size = kTagBytes + element.bytes_inside;
  std::string whole;
  if (size / kMaxInflation <= data.size()) whole = inflated(data, size);
  if (whole.size() != size) {
    fail(ErrorCode::bad_input,
         "{}: variable '{}' has {} of {} bytes when decompressed; the file is damaged", place,
         element.name, whole.size(), size);
  }
  return whole;
}

}  // namespace edgeproof::signal
