#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kMvePrelude = R"(
#if EP_MVE
#include <arm_mve.h>

#define EP_UNUSED __attribute__((unused))

/* Sums of pairs of channels at four positions: [position][channel of the chunk]. */
typedef void (*ep_dot)(const int8_t *x, const int8_t *weights, int32_t *sums, int pairs);

typedef struct {
  const int32_t *bias, *multiplier, *shift;
} ep_vectors;

/* Both roundings; halves of negative numbers away from zero, too, unless ReLU cuts those off. */
static EP_INLINE int32x4_t ep_mve_level(int32x4_t sum, int32x4_t multiplier, int32x4_t shift,
                                        int relu, int32_t zero, int32_t lowest)
{
  sum = vqrdmulhq_s32(sum, multiplier);
  if (!relu) sum = vqaddq_s32(sum, vshrq_n_s32(vandq_s32(sum, shift), 31));
  sum = vaddq_n_s32(vrshlq_s32(sum, shift), zero);
  return vmaxq_s32(vminq_s32(sum, vdupq_n_s32(127)), vdupq_n_s32(lowest));
}

static EP_INLINE void ep_mve_convolution(const int8_t *x, int8_t *y, const int8_t *weights,
                                         const ep_vectors *v, int32_t *scratch, ep_dot dot,
                                         int positions, int head, int tail, int row_step,
                                         int out_channels, int out_row, int chunk, int row, int bits, int pool, int relu,
                                         int32_t zero, int32_t lowest)
{
  const int rows = pool ? 2 : 4;
  int first, p, c, i;
  for (first = 0; first < out_channels; first += chunk) {
    const int rest = (out_channels - first + 3) / 4 * 4;
    const int count = out_channels % chunk == 0 || rest > chunk ? chunk : rest;
    const int8_t *w = weights + first * row / 8 * bits;
    if (bits != 8) {
      int8_t *const unpacked = (int8_t *)(scratch + 4 * chunk);
      ep_unpack(unpacked, w, count * row, bits);
      w = unpacked;
    }
    for (p = 0; p < positions; p += 4) {
      p = ep_skip(p, head, tail);
      const int at = positions % 4 == 0 || p + 4 <= positions ? p : positions - 4;
      int8_t *const out = y + (pool ? at / 2 : at) * out_row + first;
      dot(x + at * row_step, w, scratch, count / 2);
      for (c = 0; c < count; c += 4) {
        const int32x4_t bias = vldrwq_s32(v->bias + first + c);
        const int32x4_t multiplier = vldrwq_s32(v->multiplier + first + c);
        const int32x4_t shift = vldrwq_s32(v->shift + first + c);
#pragma GCC unroll 4
        for (i = 0; i < rows; ++i) {
          const int32_t *sums = scratch + (pool ? 2 * i : i) * chunk + c;
          int32x4_t sum = vldrwq_s32(sums);
          if (pool) sum = vmaxq_s32(sum, vldrwq_s32(sums + chunk));
          sum = ep_mve_level(vaddq_s32(sum, bias), multiplier, shift, relu, zero, lowest);
          if (out_channels % 4 == 0) {
            vstrbq_s32(out + i * out_row + c, sum);
          } else {
            vstrbq_p_s32(out + i * out_row + c, sum,
                         vctp32q((uint32_t)(out_channels - first - c)));
          }
        }
      }
    }
  }
}

/* Four channels at a time; `weights` by taps. */
static EP_INLINE void ep_mve_depthwise(const int8_t *x, int8_t *y, const int8_t *weights,
                                       const ep_vectors *v, int8_t *scratch, int positions,
                                       int head, int tail, int row_step, int channels, int taps, int tap_step, int bits,
                                       int pool, int relu, int32_t zero, int32_t lowest)
{
  int c, p, t;
  if (bits != 8) {
    ep_unpack(scratch, weights, taps * channels, bits);
    weights = scratch;
  }
  for (c = 0; c < channels; c += 4) {
    const mve_pred16_t there = vctp32q((uint32_t)(channels - c));
    const int32x4_t bias = vldrwq_z_s32(v->bias + c, there);
    const int32x4_t multiplier = vldrwq_z_s32(v->multiplier + c, there);
    const int32x4_t shift = vldrwq_z_s32(v->shift + c, there);
    int32x4_t w[8], best = bias;
    if (taps <= 8) {
#pragma GCC unroll 8
      for (t = 0; t < taps; ++t) w[t] = vldrbq_z_s32(weights + t * channels + c, there);
    }
    for (p = 0; p < positions; ++p) {
      p = ep_skip(p, head, tail);
      const int8_t *at = x + p * row_step + c;
      int32x4_t sum = bias;
#pragma GCC unroll 8
      for (t = 0; t < taps; ++t) {
        const int32x4_t weight =
            taps <= 8 ? w[t] : vldrbq_z_s32(weights + t * channels + c, there);
        sum = vaddq_s32(sum, vmulq_s32(vldrbq_s32(at + t * tap_step), weight));
      }
      if (pool && p % 2 == 0) {
        best = sum;
        continue;
      }
      if (pool) sum = vmaxq_s32(sum, best);
      sum = ep_mve_level(sum, multiplier, shift, relu, zero, lowest);
      if (channels % 4 == 0) {
        vstrbq_s32(y + (pool ? p / 2 : p) * channels + c, sum);
      } else {
        vstrbq_p_s32(y + (pool ? p / 2 : p) * channels + c, sum, there);
      }
    }
  }
}
#endif
)";

}  // namespace edgeproof::formats::c
