// The header is a Python dictionary with the keys descr, fortran_order and shape, written by numpy
// in one fixed way; it is searched for them, not evaluated. Test: npz_test.cpp.

#include "signal/readers/npy.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::int64_t kMaxCount = std::int64_t{1} << 40;  // keeps products within 64 bits

// What follows `key` in the header, up to the end.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& place) {
  const std::size_t at = header.find(key);
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) {
    fail(ErrorCode::bad_input, "{}: the .npy header has no {}: {}", place, key, trim(header));
  }
  return trim(header.substr(colon + 1));
}

void parse_type(std::string_view text, NpyArray& array) {
  if (text.starts_with('[')) {
    fail(ErrorCode::unsupported, "{}: a structured array; save plain arrays", array.place);
  }
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"')) {
    fail(ErrorCode::bad_input, "{}: the .npy header's descr is not a type", array.place);
  }
  const std::string_view descr = text.substr(1, text.find(text[0], 1) - 1);
  const auto size = descr.size() < 3 ? std::nullopt : parse_integer(descr.substr(2));
  if (!size || *size < 0 || *size > 1 << 20) {
    if (descr.find('O') != std::string_view::npos) {
      fail(ErrorCode::unsupported,
           "{}: an array of Python objects; save it as numbers or strings (astype(str))",
           array.place);
    }
    fail(ErrorCode::unsupported, "{}: type '{}' is not read", array.place, descr);
  }
  array.kind = descr[1];
  array.item_bytes = static_cast<int>(*size) * (array.kind == 'U' ? 4 : 1);
  const bool is_integer = array.kind == 'i' || array.kind == 'u';
  const bool known = (is_integer && (*size == 1 || *size == 2 || *size == 4 || *size == 8)) ||
                     (array.kind == 'f' && (*size == 2 || *size == 4 || *size == 8)) ||
                     (array.kind == 'b' && *size == 1) || array.kind == 'S' || array.kind == 'U';
  if (!known) fail(ErrorCode::unsupported, "{}: type '{}' is not read", array.place, descr);
  if (descr[0] == '>') {
    fail(ErrorCode::unsupported,
         "{}: type '{}' is big-endian, expected little-endian (astype(dtype.newbyteorder('<')))",
         array.place, descr);
  }
}

void parse_shape(std::string_view text, NpyArray& array) {
  const std::size_t close = text.find(')');
  if (!text.starts_with('(') || close == std::string_view::npos) {
    fail(ErrorCode::bad_input, "{}: the .npy header's shape is not a tuple", array.place);
  }
  array.count = 1;
  for (const std::string_view field : split(text.substr(1, close - 1), ',')) {
    if (trim(field).empty()) continue;  // (3,)
    const auto size = parse_integer(field);
    if (!size || *size < 0 || *size > kMaxCount ||
        static_cast<double>(array.count) * static_cast<double>(*size) > kMaxCount) {
      fail(ErrorCode::bad_input, "{}: the .npy header's shape is {}", array.place,
           text.substr(0, close + 1));
    }
    array.shape.push_back(*size);
    array.count *= *size;
  }
}

template <typename T>
T element(const NpyArray& array, std::int64_t index) {
  T value;
  std::memcpy(&value, array.bytes.data() + array.data + index * sizeof(T), sizeof(T));
  return value;
}

// IEEE 754 binary16.
float from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const float sign = bits & 0x8000 ? -1.0F : 1.0F;
  if (exponent == 31) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    return fraction == 0 ? sign * kInfinity : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

// Calls use(value) for each element of a numeric array.
template <typename Use>
void for_each_number(const NpyArray& array, Use use) {
  const auto all = [&]<typename T>(T) {
    for (std::int64_t i = 0; i < array.count; ++i) use(element<T>(array, i));
  };
  switch (array.kind * 16 + array.item_bytes) {
    case 'b' * 16 + 1:
    case 'u' * 16 + 1:
      return all(std::uint8_t{});
    case 'u' * 16 + 2:
      return all(std::uint16_t{});
    case 'u' * 16 + 4:
      return all(std::uint32_t{});
    case 'u' * 16 + 8:
      return all(std::uint64_t{});
    case 'i' * 16 + 1:
      return all(std::int8_t{});
    case 'i' * 16 + 2:
      return all(std::int16_t{});
    case 'i' * 16 + 4:
      return all(std::int32_t{});
    case 'i' * 16 + 8:
      return all(std::int64_t{});
    case 'f' * 16 + 4:
      return all(float{});
    case 'f' * 16 + 8:
      return all(double{});
    case 'f' * 16 + 2:
      for (std::int64_t i = 0; i < array.count; ++i)
        use(from_half(element<std::uint16_t>(array, i)));
  }
}

void append_utf8(std::string& text, std::uint32_t code, const std::string& place) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 63));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 63));
    byte(0x80 | (code & 63));
  } else if (code < 0x110000) {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 63));
    byte(0x80 | (code >> 6 & 63));
    byte(0x80 | (code & 63));
  } else {
    fail(ErrorCode::bad_input, "{}: {} is not a Unicode character", place, code);
  }
}

// Strings are padded with zeros to the array's item size.
std::string string_element(const NpyArray& array, std::int64_t index) {
  const char* item = array.bytes.data() + array.data + index * array.item_bytes;
  if (array.kind == 'S') return {item, strnlen(item, static_cast<std::size_t>(array.item_bytes))};
  std::string text;
  for (int i = 0; i < array.item_bytes; i += 4) {
    std::uint32_t code = 0;
    std::memcpy(&code, item + i, sizeof code);
    if (code == 0) break;
    append_utf8(text, code, array.place);
  }
  return text;
}

}  // namespace

std::size_t npy_header_bytes(std::string_view bytes, const std::string& place) {
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 10) {
    fail(ErrorCode::bad_input, "{}: not a NumPy array (.npy)", place);
  }
  const int version = bytes[6];
  if (version < 1 || version > 3) {
    fail(ErrorCode::unsupported, "{}: .npy version {}, expected 1 to 3", place, version);
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, std::min(length_bytes, bytes.size() - 8));
  return 8 + length_bytes + length;
}

NpyArray parse_npy_header(std::string_view bytes, const std::string& place) {
  NpyArray array;
  array.place = place;
  array.data = npy_header_bytes(bytes, place);
  if (array.data > bytes.size()) {
    fail(ErrorCode::bad_input, "{}: cut short within the .npy header", place);
  }
  const std::size_t text = bytes[6] == 1 ? 10 : 12;
  const std::string_view header = bytes.substr(text, array.data - text);
  parse_type(value_of(header, "'descr'", place), array);
  parse_shape(value_of(header, "'shape'", place), array);
  const bool fortran = value_of(header, "'fortran_order'", place).starts_with("True");
  if (fortran && array.shape.size() > 1) {
    fail(ErrorCode::unsupported,
         "{}: the array is in Fortran order, expected C order (numpy.ascontiguousarray)", place);
  }
  return array;
}

NpyArray parse_npy(std::string bytes, std::string place) {
  NpyArray array = parse_npy_header(bytes, place);
  array.bytes = std::move(bytes);
  const std::int64_t expected = array.count * array.item_bytes;
  const auto found = static_cast<std::int64_t>(array.bytes.size() - array.data);
  if (found != expected) {
    fail(ErrorCode::bad_input, "{}: {} bytes of elements, but the header says {}", array.place,
         found, expected);
  }
  return array;
}

std::vector<float> npy_floats(const NpyArray& array) {
  if (array.kind == 'S' || array.kind == 'U') {
    fail(ErrorCode::bad_input, "{}: an array of strings, expected numbers", array.place);
  }
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(array.count));
  for_each_number(array, [&](auto number) {
    const auto value = static_cast<float>(number);
    if (std::isinf(value)) {
      fail(ErrorCode::bad_input, "{}: element {} is infinite or beyond 32-bit floats", array.place,
           values.size());
    }
    values.push_back(value);
  });
  return values;
}

std::vector<std::string> npy_names(const NpyArray& array) {
  if (array.kind == 'f') {
    fail(ErrorCode::bad_input, "{}: an array of floats, expected integers or strings (astype(int))",
         array.place);
  }
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(array.count));
  if (array.kind == 'S' || array.kind == 'U') {
    for (std::int64_t i = 0; i < array.count; ++i) names.push_back(string_element(array, i));
  } else {
    for_each_number(array, [&](auto number) { names.push_back(fmt::format("{}", number)); });
  }
  return names;
}

}  // namespace edgeproof::signal
