// Quantization of the input, addition, multiplication and pooling: vectors of channels (or of
// values), what is left over by narrower vectors of the same code. Test:
// elementwise_equivalence_test.cpp.

#include "runtime/kernels/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/reference.h"
#include "runtime/kernels/requantize-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

// body(d, first) over [0, count) with full vectors, then 16 lanes at most, then one at a time.
template <typename T, class Body>
HWY_INLINE void over_vectors(std::size_t count, const Body& body) {
  std::size_t i = 0;
  const hn::ScalableTag<T> full;
  for (; i + hn::Lanes(full) <= count; i += hn::Lanes(full)) body(full, i);
  const hn::CappedTag<T, 16> half;
  for (; i + hn::Lanes(half) <= count; i += hn::Lanes(half)) body(half, i);
  const hn::CappedTag<T, 1> one;
  for (; i < count; ++i) body(one, i);
}

// Rounds halves away from zero, as std::round does: by truncating what the largest number below one
// half was added to.
std::int64_t quantize(std::span<const float> in, graph::Quantization to, std::int8_t* out,
                      bool count) {
  std::size_t clipped = 0;
  const float* from = in.data();
  const float lowest = static_cast<float>(-128 - to.zero_point);
  const float highest = static_cast<float>(127 - to.zero_point);
  over_vectors<float>(in.size(), [&](auto d, std::size_t i) HWY_ATTR {
    const auto scaled = hn::Div(hn::LoadU(d, from + i), hn::Set(d, to.scale));
    const auto away = hn::Add(scaled, hn::CopySign(hn::Set(d, 0x1.fffffep-2F), scaled));
    const auto number = hn::IfThenElseZero(hn::Eq(away, away), away);
    if (count) {
      const auto below = hn::Le(number, hn::Set(d, lowest - 1));
      clipped += hn::CountTrue(d, hn::Or(below, hn::Ge(number, hn::Set(d, highest + 1))));
    }
    const auto bounded = hn::Min(hn::Max(number, hn::Set(d, lowest)), hn::Set(d, highest));
    const hn::RebindToSigned<decltype(d)> d32;
    const hn::Rebind<std::int8_t, decltype(d)> d8;
    const auto level = hn::Add(truncate_to_int(d, bounded), hn::Set(d32, to.zero_point));
    hn::StoreU(hn::DemoteTo(d8, level), d8, out + i);
  });
  return static_cast<std::int64_t>(clipped);
}

std::int64_t add_int8(const Int8Add& add, const std::int8_t* a, const std::int8_t* b,
                      std::int8_t* out) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::int8_t, decltype(d)> narrow;
  const auto scaled = [&](auto difference, FixedMultiplier m) HWY_ATTR {
    return rounding_shift_right(d, rounding_high_mul(d, difference, hn::Set(d, m.multiplier)),
                                hn::Set(d, -m.shift));
  };
  const auto input = [&](const std::int8_t* from, std::int32_t zero, FixedMultiplier m) HWY_ATTR {
    const auto x = hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, from)), hn::Set(d, zero));
    return scaled(hn::ShiftLeft<Int8Add::kLeftShift>(x), m);
  };
  const Int8Bounds bounds = add.bounds();
  const auto lowest = hn::Set(d, bounds.lowest());
  const auto highest = hn::Set(d, bounds.highest());
  const auto clipped_below = hn::Set(d, bounds.clipped_below());
  const auto zero = hn::Set(d, add.output.zero_point);
  std::size_t clipped = 0, i = 0;
  for (; i + hn::Lanes(d) <= add.size; i += hn::Lanes(d)) {
    const auto sum =
        hn::Add(input(a + i, add.zero1, add.multiplier1), input(b + i, add.zero2, add.multiplier2));
    const auto value = scaled(sum, add.output_multiplier);
    clipped += hn::CountTrue(d, hn::Or(hn::Gt(value, highest), hn::Lt(value, clipped_below)));
    const auto result = hn::Add(hn::Min(hn::Max(value, lowest), highest), zero);
    hn::StoreU(hn::DemoteTo(narrow, result), narrow, out + i);
  }
  Int8Add rest = add;
  rest.size -= i;
  return static_cast<std::int64_t>(clipped) +
         reference_kernels().add_int8(rest, a + i, b + i, out + i);
}

void add_float(const FloatAdd& add, const float* a, const float* b, float* out) {
  over_vectors<float>(add.size, [&](auto d, std::size_t i) HWY_ATTR {
    const auto sum = hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
    hn::StoreU(add.relu ? hn::Max(sum, hn::Zero(d)) : sum, d, out + i);
  });
}

// A vector of channels at a time, down the sequence: without padding on the left an output never
// lands on an input still to be read.
template <typename T>
HWY_INLINE void max_pool(const Pool& pool, const T* in, T* out) {
  const std::size_t channels = static_cast<std::size_t>(pool.channels);
  over_vectors<T>(channels, [&](auto d, std::size_t c) HWY_ATTR {
    for (int p = 0; p < pool.out_length; ++p) {
      const T* x = in + static_cast<std::size_t>(pool.first(p)) * channels + c;
      auto largest = hn::LoadU(d, x);
      for (int left = pool.end(p) - pool.first(p) - 1; left > 0; --left) {
        x += channels;
        largest = hn::Max(largest, hn::LoadU(d, x));
      }
      hn::StoreU(largest, d, out + static_cast<std::size_t>(p) * channels + c);
    }
  });
}

void max_pool_int8(const Pool& pool, const std::int8_t* in, std::int8_t* out) {
  max_pool(pool, in, out);
}
void max_pool_float(const Pool& pool, const float* in, float* out) {
  max_pool(pool, in, out);
}

// sum / count, halves away from zero. The quotient of integers below 2^24 is never rounded up to a
// whole number that it does not reach.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V rounded_mean(D d, V sum, int count) {
  const hn::RebindToFloat<D> df;
  const auto magnitude = hn::ConvertTo(df, hn::Add(hn::Abs(sum), hn::Set(d, count / 2)));
  const V mean = hn::ConvertTo(d, hn::Div(magnitude, hn::Set(df, static_cast<float>(count))));
  return hn::IfThenElse(hn::Lt(sum, hn::Zero(d)), hn::Neg(mean), mean);
}

// Down the sequence as max_pool().
void average_int8(const Pool& pool, const std::int8_t* in, std::int8_t* out) {
  constexpr int kLongest = (1 << 24) / 129;
  if (std::min(pool.kernel, pool.in_length) > kLongest) {
    return reference_kernels().average_int8(pool, in, out);
  }
  const std::size_t channels = static_cast<std::size_t>(pool.channels);
  over_vectors<std::int32_t>(channels, [&](auto d, std::size_t c) HWY_ATTR {
    const hn::Rebind<std::int8_t, decltype(d)> d8;
    for (int p = 0; p < pool.out_length; ++p) {
      const int first = pool.first(p), count = pool.end(p) - first;
      auto sum = hn::Zero(d);
      for (int i = first; i < first + count; ++i) {
        const std::int8_t* x = in + static_cast<std::size_t>(i) * channels + c;
        sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(d8, x)));
      }
      const auto mean = hn::DemoteTo(d8, rounded_mean(d, sum, count));
      hn::StoreU(mean, d8, out + static_cast<std::size_t>(p) * channels + c);
    }
  });
}

void average_float(const Pool& pool, const float* in, float* out) {
  const std::size_t channels = static_cast<std::size_t>(pool.channels);
  over_vectors<float>(channels, [&](auto d, std::size_t c) HWY_ATTR {
    for (int p = 0; p < pool.out_length; ++p) {
      const int first = pool.first(p), end = pool.end(p);
      auto sum = hn::Zero(d);
      for (int i = first; i < end; ++i) {
        sum = hn::Add(sum, hn::LoadU(d, in + static_cast<std::size_t>(i) * channels + c));
      }
      const auto count = hn::Set(d, static_cast<float>(end - first));
      hn::StoreU(hn::Div(sum, count), d, out + static_cast<std::size_t>(p) * channels + c);
    }
  });
}

std::int64_t mul_int8(const Int8Mul& mul, const std::int8_t* a, const std::int8_t* b,
                      std::int8_t* out) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::int8_t, decltype(d)> narrow;
  const Int8Bounds bounds = mul.bounds();
  const auto lowest = hn::Set(d, bounds.lowest());
  const auto highest = hn::Set(d, bounds.highest());
  const auto clipped_below = hn::Set(d, bounds.clipped_below());
  const auto multiplier = hn::Set(d, mul.multiplier.multiplier);
  const auto left = hn::Set(d, std::max(mul.multiplier.shift, 0));
  const auto right = hn::Set(d, std::max(-mul.multiplier.shift, 0));
  const auto input = [&](const std::int8_t* from, std::int32_t zero) HWY_ATTR {
    return hn::Sub(hn::PromoteTo(d, hn::LoadU(narrow, from)), hn::Set(d, zero));
  };
  const std::size_t vectorized = mul.row - mul.row % hn::Lanes(d);
  std::int64_t clipped = 0;
  Int8Mul rest = mul;
  rest.rows = 1;
  rest.row -= vectorized;
  for (std::size_t row = 0; row < mul.rows; ++row, a += mul.row, out += mul.row) {
    std::size_t outside = 0;
    for (std::size_t i = 0; i < vectorized; i += hn::Lanes(d)) {
      const auto product = hn::Mul(input(a + i, mul.zero1), input(b + i, mul.zero2));
      const auto value =
          rounding_shift_right(d, rounding_high_mul(d, hn::Shl(product, left), multiplier), right);
      outside += hn::CountTrue(d, hn::Or(hn::Gt(value, highest), hn::Lt(value, clipped_below)));
      const auto result =
          hn::Add(hn::Min(hn::Max(value, lowest), highest), hn::Set(d, mul.output.zero_point));
      hn::StoreU(hn::DemoteTo(narrow, result), narrow, out + i);
    }
    clipped += static_cast<std::int64_t>(outside);
    if (rest.row > 0) {
      clipped +=
          reference_kernels().mul_int8(rest, a + vectorized, b + vectorized, out + vectorized);
    }
  }
  return clipped;
}

void mul_float(const FloatMul& mul, const float* a, const float* b, float* out) {
  for (std::size_t row = 0; row < mul.rows; ++row, a += mul.row, out += mul.row) {
    over_vectors<float>(mul.row, [&](auto d, std::size_t i) HWY_ATTR {
      const auto product = hn::Mul(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
      hn::StoreU(mul.relu ? hn::Max(product, hn::Zero(d)) : product, d, out + i);
    });
  }
}

void fill_elementwise(Kernels& kernels) {
  kernels.quantize = quantize;
  kernels.add_int8 = add_int8;
  kernels.add_float = add_float;
  kernels.mul_int8 = mul_int8;
  kernels.mul_float = mul_float;
  kernels.max_pool_int8 = max_pool_int8;
  kernels.max_pool_float = max_pool_float;
  kernels.average_int8 = average_int8;
  kernels.average_float = average_float;
}

#else
void fill_elementwise(Kernels&) {}
#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::runtime {

HWY_EXPORT(fill_elementwise);

void add_elementwise(Kernels& kernels, std::int64_t target) {
  HWY_DISPATCH_TABLE(fill_elementwise)[dispatch_index(target)](kernels);
}

}  // namespace edgeproof::runtime
#endif  // HWY_ONCE
