// Philox4x32-10 (Salmon et al., SC 2011) with a counter a lane; Box and Muller's transform (1958)
// on minimax polynomials. Test: draws_test.cpp, draws_equivalence_test.cpp.

#include "faults/draws.h"

#include <bit>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "faults/draws.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef EDGEPROOF_FAULTS_DRAWS_ONCE
#define EDGEPROOF_FAULTS_DRAWS_ONCE
namespace edgeproof::faults {
namespace {

// Philox's multipliers and key increments.
constexpr std::uint32_t kM0 = 0xD2511F53, kM1 = 0xCD9E8D57;
constexpr std::uint32_t kW0 = 0x9E3779B9, kW1 = 0xBB67AE85;
constexpr int kRounds = 10;

// ln(1 + z) / z on [sqrt(1/2) - 1, sqrt(2) - 1], sin(a) / a and cos(a) in a^2 on [0, (pi/4)^2]:
// interpolated at Chebyshev nodes, relative errors 5.3e-8, 6.2e-9 and 3.8e-9 before rounding.
constexpr float kLn[] = {1.0F,         -0.49999997F, 0.33334193F,  -0.25001353F, 0.19955933F,
                         -0.16577993F, 0.14977401F,  -0.14269258F, 0.08533313F};
constexpr float kSin[] = {1.0F, -0.16666651F, 0.0083320355F, -0.00019503904F};
constexpr float kCos[] = {1.0F, -0.5F, 0.041666616F, -0.0013886618F, 2.437983e-05F};

constexpr float kTwoLn2 = 1.38629436F;
constexpr float kTurn = 1.46291808e-9F;            // 2 pi / 2^32
constexpr std::uint32_t kSqrtHalf = 0x3F3504F3;    // bits of sqrt(1/2)
constexpr std::uint32_t kEighthTurn = 0x20000000;  // 2^32 / 8

struct Pieces {
  std::uint32_t key[2];
  std::uint32_t recording, channel;
};

}  // namespace
}  // namespace edgeproof::faults
#endif

HWY_BEFORE_NAMESPACE();
namespace edgeproof::faults {
namespace HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V, std::size_t N>
HWY_INLINE V polynomial(D d, const float (&c)[N], V x) {
  V sum = hn::Set(d, c[N - 1]);
  for (std::size_t i = N - 1; i-- > 0;) sum = hn::Add(hn::Mul(sum, x), hn::Set(d, c[i]));
  return sum;
}

// Whole Philox blocks from number `block` on, four words of `out` each; gives how many blocks it
// did: as many as fill whole vectors.
std::size_t philox(const Pieces& p, std::uint64_t block, std::size_t blocks, std::uint32_t* out) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::Repartition<std::uint32_t, decltype(d)> d32;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const auto low = hn::Set(d, 0xFFFFFFFFU);
  // One 32-bit number a lane; what is above it is not looked at.
  const auto product = [&](V a, std::uint32_t m)
                           HWY_ATTR { return hn::MulEven(hn::BitCast(d32, a), hn::Set(d32, m)); };
  std::size_t done = 0;
  for (; done + lanes <= blocks; done += lanes) {
    const V number = hn::Add(hn::Iota(d, 0), hn::Set(d, block + done));
    V c0 = hn::Set(d, p.recording), c1 = hn::Set(d, p.channel);
    V c2 = number, c3 = hn::ShiftRight<32>(number);
    std::uint32_t k0 = p.key[0], k1 = p.key[1];
    for (int round = 0; round < kRounds; ++round, k0 += kW0, k1 += kW1) {
      const V p0 = product(c0, kM0), p1 = product(c2, kM1);
      c0 = hn::Xor(hn::ShiftRight<32>(p1), hn::Xor(c1, hn::Set(d, k0)));
      c2 = hn::Xor(hn::ShiftRight<32>(p0), hn::Xor(c3, hn::Set(d, k1)));
      c1 = p1;
      c3 = p0;
    }
    const V first = hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1));
    const V second = hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3));
    hn::StoreInterleaved2(first, second, d, reinterpret_cast<std::uint64_t*>(out + 4 * done));
  }
  return done;
}

template <class V>
struct SinCos {
  V sin, cos;
};

// Sine and cosine of `turn` / 2^32 turns.
template <class D32, class V32>
HWY_INLINE auto sin_cos(D32 d32, V32 turn) {
  const hn::RebindToFloat<D32> d;
  const hn::RebindToSigned<D32> di;
  const auto quadrant = hn::ShiftRight<30>(hn::Add(turn, hn::Set(d32, kEighthTurn)));
  const auto rest = hn::BitCast(di, hn::Sub(turn, hn::ShiftLeft<30>(quadrant)));
  const auto a = hn::Mul(hn::ConvertTo(d, rest), hn::Set(d, kTurn));
  const auto a2 = hn::Mul(a, a);
  const auto s = hn::Mul(polynomial(d, kSin, a2), a);
  const auto c = polynomial(d, kCos, a2);
  const auto odd =
      hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::BitCast(di, hn::And(quadrant, hn::Set(d32, 1))))));
  const auto one = hn::Set(d32, 1), two = hn::Set(d32, 2);
  const auto sin_sign = hn::ShiftLeft<30>(hn::And(quadrant, two));
  const auto cos_sign = hn::ShiftLeft<30>(hn::And(hn::Add(quadrant, one), two));
  using V = decltype(a);
  return SinCos<V>{hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(d, sin_sign)),
                   hn::Xor(hn::IfThenElse(odd, s, c), hn::BitCast(d, cos_sign))};
}

// sqrt(-2 ln(u)), u = (w + 1/2) / 2^32. Close to 1, where u itself has no digits left in single
// precision, from 1 - u.
template <class D32, class V32>
HWY_INLINE auto radius(D32 d32, V32 w) {
  const hn::RebindToFloat<D32> d;
  const hn::RebindToSigned<D32> di;
  const auto high = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<16>(w)));
  const auto rest = hn::ConvertTo(d, hn::BitCast(di, hn::And(w, hn::Set(d32, 0xFFFF))));
  const auto u = hn::Add(hn::Mul(high, hn::Set(d, 65536.0F)), hn::Add(rest, hn::Set(d, 0.5F)));
  const auto bits = hn::BitCast(di, u);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, kSqrtHalf)));
  const auto m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const auto below_one = hn::Add(hn::ConvertTo(d, hn::BitCast(di, hn::Not(w))), hn::Set(d, 0.5F));
  const auto near_one = hn::RebindMask(d, hn::Eq(exponent, hn::Set(di, 32)));
  const auto z = hn::IfThenElse(near_one, hn::Mul(below_one, hn::Set(d, -0x1p-32F)),
                                hn::Sub(m, hn::Set(d, 1.0F)));
  const auto ln = hn::Mul(polynomial(d, kLn, z), z);
  const auto e = hn::ConvertTo(d, hn::Sub(hn::Set(di, 32), exponent));
  return hn::Sqrt(hn::Sub(hn::Mul(e, hn::Set(d, kTwoLn2)), hn::Add(ln, ln)));
}

// Four words to four normals, in place in `out`; gives how many blocks it did.
std::size_t box_muller(const std::uint32_t* words, std::size_t blocks, float* out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t done = 0;
  for (; done + lanes <= blocks; done += lanes) {
    hn::Vec<decltype(d32)> w0, w1, w2, w3;
    hn::LoadInterleaved4(d32, words + 4 * done, w0, w1, w2, w3);
    const auto r = radius(d32, w0), s = radius(d32, w2);
    const auto a = sin_cos(d32, w1), b = sin_cos(d32, w3);
    hn::StoreInterleaved4(hn::Mul(r, a.cos), hn::Mul(r, a.sin), hn::Mul(s, b.cos),
                          hn::Mul(s, b.sin), d, out + 4 * done);
  }
  return done;
}

std::size_t sine_run(std::uint64_t phase, std::uint64_t step, std::size_t count, float* out) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN std::uint32_t turns[hn::MaxLanes(d32)];
  std::size_t done = 0;
  for (; done + lanes <= count; done += lanes) {
    for (std::size_t i = 0; i < lanes; ++i, phase += step)
      turns[i] = static_cast<std::uint32_t>(phase >> 32);
    hn::StoreU(sin_cos(d32, hn::Load(d32, turns)).sin, d, out + done);
  }
  return done;
}

#else  // without SIMD the reference does it all
std::size_t philox(const Pieces&, std::uint64_t, std::size_t, std::uint32_t*) {
  return 0;
}
std::size_t box_muller(const std::uint32_t*, std::size_t, float*) {
  return 0;
}
std::size_t sine_run(std::uint64_t, std::uint64_t, std::size_t, float*) {
  return 0;
}
#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::faults
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::faults {
namespace {

HWY_EXPORT(philox);
HWY_EXPORT(box_muller);
HWY_EXPORT(sine_run);

template <std::size_t N>
float polynomial(const float (&c)[N], float x) {
  float sum = c[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + c[i];
  return sum;
}

struct SinCos {
  float sin, cos;
};

SinCos sin_cos(std::uint32_t turn) {
  const std::uint32_t quadrant = (turn + kEighthTurn) >> 30;
  const float a = static_cast<float>(static_cast<std::int32_t>(turn - (quadrant << 30))) * kTurn;
  const float s = polynomial(kSin, a * a) * a, c = polynomial(kCos, a * a);
  const bool odd = quadrant & 1;
  const float sin = odd ? c : s, cos = odd ? s : c;
  return {(quadrant & 2) != 0 ? -sin : sin, ((quadrant + 1) & 2) != 0 ? -cos : cos};
}

float radius(std::uint32_t w) {
  const float u = static_cast<float>(w >> 16) * 65536.0F + (static_cast<float>(w & 0xFFFF) + 0.5F);
  const auto bits = std::bit_cast<std::int32_t>(u);
  const std::int32_t exponent = (bits - static_cast<std::int32_t>(kSqrtHalf)) >> 23;
  const float z = exponent == 32
                      ? (static_cast<float>(static_cast<std::int32_t>(~w)) + 0.5F) * -0x1p-32F
                      : std::bit_cast<float>(bits - (exponent << 23)) - 1.0F;
  const float ln = polynomial(kLn, z) * z;
  return std::sqrt(static_cast<float>(32 - exponent) * kTwoLn2 - (ln + ln));
}

// Normal i of the four of a block.
float normal_of(const std::uint32_t* words, int i) {
  const float r = radius(words[i / 2 * 2]);
  const SinCos angle = sin_cos(words[i / 2 * 2 + 1]);
  return r * (i % 2 == 0 ? angle.cos : angle.sin);
}

// Of a sample, which may be negative: 2^64 is a multiple of 4.
std::uint64_t block_of(std::int64_t sample) {
  return static_cast<std::uint64_t>(sample) / 4;
}
std::size_t place_of(std::int64_t sample) {
  return static_cast<std::uint64_t>(sample) % 4;
}

constexpr std::size_t kPiece = 256;  // blocks at a time: what they are made from stays in the cache

}  // namespace

std::uint32_t Draws::word(std::int64_t sample) const {
  const std::uint64_t block = block_of(sample);
  return rng_.words(recording_, channel_, static_cast<std::uint32_t>(block),
                    static_cast<std::uint32_t>(block >> 32))[place_of(sample)];
}

float Draws::normal(std::int64_t sample) const {
  const std::uint64_t block = block_of(sample);
  const auto words = rng_.words(recording_, channel_, static_cast<std::uint32_t>(block),
                                static_cast<std::uint32_t>(block >> 32));
  return normal_of(words.data(), static_cast<int>(place_of(sample)));
}

void Draws::words(std::int64_t first, std::span<std::uint32_t> out) const {
  if (first < 0 && -first < static_cast<std::int64_t>(out.size())) {  // block 0 follows 2^62 - 1
    words(first, out.first(static_cast<std::size_t>(-first)));
    return words(0, out.subspan(static_cast<std::size_t>(-first)));
  }
  std::size_t i = 0;
  for (; i < out.size() && (first + static_cast<std::int64_t>(i)) % 4 != 0; ++i) {
    out[i] = word(first + static_cast<std::int64_t>(i));
  }
  const std::uint64_t key = rng_.key();
  const Pieces pieces{{static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
                      recording_,
                      channel_};
  i += 4 * HWY_DYNAMIC_DISPATCH(philox)(pieces, block_of(first + static_cast<std::int64_t>(i)),
                                        (out.size() - i) / 4, out.data() + i);
  for (; i < out.size(); ++i) out[i] = word(first + static_cast<std::int64_t>(i));
}

void Draws::normals(std::int64_t first, std::span<float> out) const {
  std::array<std::uint32_t, 4 * kPiece> words;
  std::size_t i = 0;
  for (; i < out.size() && (first + static_cast<std::int64_t>(i)) % 4 != 0; ++i) {
    out[i] = normal(first + static_cast<std::int64_t>(i));
  }
  while (i < out.size()) {
    const std::size_t count = std::min(out.size() - i, words.size());
    const auto at = first + static_cast<std::int64_t>(i);
    const std::size_t blocks = (count + 3) / 4;
    this->words(at, std::span(words).first(4 * blocks));
    std::size_t done =
        4 * HWY_DYNAMIC_DISPATCH(box_muller)(words.data(), count / 4, out.data() + i);
    for (; done < count; ++done) {
      out[i + done] = normal_of(&words[done / 4 * 4], static_cast<int>(done % 4));
    }
    i += count;
  }
}

float sine(std::uint64_t phase) {
  return sin_cos(static_cast<std::uint32_t>(phase >> 32)).sin;
}

void sines(std::uint64_t phase, std::uint64_t step, std::span<float> out) {
  std::size_t i = HWY_DYNAMIC_DISPATCH(sine_run)(phase, step, out.size(), out.data());
  for (; i < out.size(); ++i) out[i] = sine(phase + i * step);
}

}  // namespace edgeproof::faults
#endif
