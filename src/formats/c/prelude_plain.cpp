#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kPlainPrelude = R"(
typedef struct {
  int32_t zero, multiplier, shift;
} ep_operand;

/* Requantization of |x| < 2^30. */
static EP_INLINE int32_t ep_scale(int32_t x, const ep_operand *by)
{
#if EP_DSP
  if (by->shift <= 0 && by->shift >= -20) {
    int32_t y;
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(x * 2), "r"(by->multiplier));
    if (by->shift < 0) y = (y + (y >> 31) + (1 << (-by->shift - 1))) >> -by->shift;
    return y;
  }
#endif
  return ep_requantize(x, by->multiplier, by->shift);
}

/* `lowest`: -128, or the zero point with ReLU. */
static EP_INLINE int8_t ep_scaled_level(int32_t x, const ep_operand *by, int32_t lowest)
{
#if EP_DSP
  if (by->shift < 0 && by->shift >= -20) {
    const int32_t round = (1 << (-by->shift - 1)) + by->zero * (1 << -by->shift);
    int32_t y;
    if (lowest > -128) x &= ~(x >> 31);
    __asm__("smmulr %0, %1, %2" : "=r"(y) : "r"(x * 2), "r"(by->multiplier));
    y = (y + (lowest > -128 ? 0 : y >> 31) + round) >> -by->shift;
    __asm__("ssat %0, #8, %0" : "+r"(y));
    return (int8_t)y;
  }
#endif
  const int32_t most = 127 - by->zero, least = lowest - by->zero;
  const int32_t level = ep_scale(x, by);
  return (int8_t)((level > most ? most : level < least ? least : level) + by->zero);
}

#if EP_MVE
static EP_INLINE int32x4_t ep_mve_scale(int32x4_t x, const ep_operand *by)
{
  x = vqrdmulhq_n_s32(x, by->multiplier);
  if (by->shift == 0) return x;
  return vrshlq_n_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), by->shift);
}

static EP_INLINE int32x4_t ep_mve_scaled_level(int32x4_t x, const ep_operand *by, int32_t lowest)
{
  x = vaddq_n_s32(ep_mve_scale(x, by), by->zero);
  return vmaxq_s32(vminq_s32(x, vdupq_n_s32(127)), vdupq_n_s32(lowest));
}
#endif

static EP_INLINE int8_t ep_sum(int8_t a, int8_t b, const ep_operand *of_a, const ep_operand *of_b,
                               const ep_operand *of_y, int32_t lowest)
{
  const int32_t sum = ep_scale((a - of_a->zero) * (1 << 20), of_a) +
                      ep_scale((b - of_b->zero) * (1 << 20), of_b);
  return ep_scaled_level(sum, of_y, lowest);
}

static EP_INLINE void ep_add(const int8_t *a, const int8_t *b, int8_t *y, int count,
                             const ep_operand *of_a, const ep_operand *of_b,
                             const ep_operand *of_y, int32_t lowest)
{
  int i = 0;
#if EP_MVE
  if (of_a->shift <= 0 && of_b->shift <= 0 && of_y->shift <= 0) {
    for (; i + 4 <= count; i += 4) {
      const int32x4_t from_a = vsubq_n_s32(vldrbq_s32(a + i), of_a->zero);
      const int32x4_t from_b = vsubq_n_s32(vldrbq_s32(b + i), of_b->zero);
      const int32x4_t sum = vaddq_s32(ep_mve_scale(vshlq_n_s32(from_a, 20), of_a),
                                      ep_mve_scale(vshlq_n_s32(from_b, 20), of_b));
      vstrbq_s32(y + i, ep_mve_scaled_level(sum, of_y, lowest));
    }
  }
#elif EP_DSP
#pragma GCC unroll 4
#endif
  for (; i < count; ++i) y[i] = ep_sum(a[i], b[i], of_a, of_b, of_y, lowest);
}

/* Each of the rows of a times b. */
static EP_INLINE void ep_multiply(const int8_t *a, const int8_t *b, int8_t *y, int rows, int row,
                                  int32_t zero_a, int32_t zero_b, const ep_operand *of_y,
                                  int32_t lowest)
{
  int r, i;
  for (r = 0; r < rows; ++r, a += row, y += row) {
    i = 0;
#if EP_MVE
    if (of_y->shift <= 0) {
      for (; i + 4 <= row; i += 4) {
        const int32x4_t product = vmulq_s32(vsubq_n_s32(vldrbq_s32(a + i), zero_a),
                                            vsubq_n_s32(vldrbq_s32(b + i), zero_b));
        vstrbq_s32(y + i, ep_mve_scaled_level(product, of_y, lowest));
      }
    }
#endif
    for (; i < row; ++i) {
      y[i] = ep_scaled_level((a[i] - zero_a) * (b[i] - zero_b), of_y, lowest);
    }
  }
}

/* Of `length` positions, channel by channel. */
static EP_INLINE void ep_maxima(const int8_t *x, int8_t *y, int length, int channels)
{
  int c = 0, i;
#if EP_MVE
  for (; c < channels; c += 16) {
    const mve_pred16_t inside = vctp8q((uint32_t)(channels - c));
    int8x16_t most = vldrbq_z_s8(x + c, inside);
#pragma GCC unroll 4
    for (i = 1; i < length; ++i) {
      most = vmaxq_s8(most, vldrbq_z_s8(x + i * channels + c, inside));
    }
    vstrbq_p_s8(y + c, most, inside);
  }
#elif EP_DSP
  for (; c + 4 <= channels; c += 4) {
    uint32_t most;
    __builtin_memcpy(&most, x + c, 4);
#pragma GCC unroll 4
    for (i = 1; i < length; ++i) {
      uint32_t next, greater;
      __builtin_memcpy(&next, x + i * channels + c, 4);
      __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(greater) : "r"(most), "r"(next));
      most = greater;
    }
    __builtin_memcpy(y + c, &most, 4);
  }
#endif
  for (; c < channels; ++c) {
    int8_t most = x[c];
    for (i = 1; i < length; ++i) {
      const int8_t value = x[i * channels + c];
      if (value > most) most = value;
    }
    y[c] = most;
  }
}

/* Of positions from `from` to before `to`. */
static EP_INLINE void ep_max_pool(const int8_t *x, int8_t *y, int length, int channels, int from,
                                  int to, int kernel, int stride, int pad_left)
{
  int p;
  y += from * channels;
  for (p = from; p < to; ++p, y += channels) {
    const int start = p * stride - pad_left, first = start < 0 ? 0 : start;
    const int end = start + kernel < length ? start + kernel : length;
    if (end - first == kernel) {
      ep_maxima(x + first * channels, y, kernel, channels);
    } else {
      ep_maxima(x + first * channels, y, end - first, channels);
    }
  }
}

static EP_INLINE int8_t ep_mean(int32_t sum, int length)
{
  return (int8_t)((sum > 0 ? sum + length / 2 : sum - length / 2) / length);
}

static EP_INLINE void ep_average(const int8_t *x, int8_t *y, int length, int channels)
{
  int c = 0, i;
#if EP_MVE
  for (; c + 4 <= channels; c += 4) {
    int32x4_t sums = vdupq_n_s32(0);
    for (i = 0; i < length; ++i) sums = vaddq_s32(sums, vldrbq_s32(x + i * channels + c));
    y[c] = ep_mean(vgetq_lane_s32(sums, 0), length);
    y[c + 1] = ep_mean(vgetq_lane_s32(sums, 1), length);
    y[c + 2] = ep_mean(vgetq_lane_s32(sums, 2), length);
    y[c + 3] = ep_mean(vgetq_lane_s32(sums, 3), length);
  }
#elif EP_DSP
  if (length < 256) { /* sums fit 16 bits */
    for (; c + 4 <= channels; c += 4) {
      uint32_t even = 0, odd = 0;
#pragma GCC unroll 4
      for (i = 0; i < length; ++i) {
        uint32_t word;
        __builtin_memcpy(&word, x + i * channels + c, 4);
        __asm__("sxtab16 %0, %0, %1" : "+r"(even) : "r"(word));
        __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(odd) : "r"(word));
      }
      y[c] = ep_mean((int16_t)even, length);
      y[c + 1] = ep_mean((int16_t)odd, length);
      y[c + 2] = ep_mean((int32_t)even >> 16, length);
      y[c + 3] = ep_mean((int32_t)odd >> 16, length);
    }
  }
#endif
  for (; c < channels; ++c) {
    int32_t sum = 0;
    for (i = 0; i < length; ++i) sum += x[i * channels + c];
    y[c] = ep_mean(sum, length);
  }
}

static EP_INLINE void ep_average_pool(const int8_t *x, int8_t *y, int length, int channels,
                                      int from, int to, int kernel, int stride, int pad_left)
{
  int p;
  for (p = from; p < to; ++p) {
    const int start = p * stride - pad_left, first = start < 0 ? 0 : start;
    const int end = start + kernel < length ? start + kernel : length;
    ep_average(x + first * channels, y + p * channels, end - first, channels);
  }
}

static EP_INLINE void ep_look_up(const int8_t *x, int8_t *y, int count, const int8_t *levels)
{
  int i;
  for (i = 0; i < count; ++i) y[i] = levels[x[i] + 128];
}

static EP_INLINE void ep_copy_columns(const int8_t *x, int8_t *y, int length, int channels,
                                      int out_channels)
{
  int p;
  for (p = 0; p < length; ++p) memcpy(y + p * out_channels, x + p * channels, (size_t)channels);
}
)";

}  // namespace edgeproof::formats::c
