#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kPrelude = R"(#include "model.h"

#include <string.h>

#if defined(__GNUC__)
#define EP_INLINE __attribute__((always_inline, unused)) inline
#define EP_LAYER __attribute__((noinline))
#else
#define EP_INLINE inline
#define EP_LAYER
#endif

#if !defined(EP_PORTABLE) && defined(__GNUC__) && defined(__ARMEL__)
#if defined(__ARM_FEATURE_MVE)
#define EP_MVE 1
#elif defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
#define EP_DSP 1
#endif
#endif
#ifndef EP_MVE
#define EP_MVE 0
#endif
#ifndef EP_DSP
#define EP_DSP 0
#endif

/* What requantizes the sums of an output channel. */
typedef struct {
  int32_t bias, multiplier, round, shift;
} ep_channel;

typedef struct {
  int positions, row_step, channels, groups, out_channels;
  int segments, run, segment_step;
  int bits, pool, narrow, lowest;
  int head, tail;
} ep_conv;

/* x * multiplier * 2^(shift - 31), rounded twice as LiteRT does. */
static EP_INLINE int32_t ep_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
  const int left = shift > 0 ? (int)shift : 0, right = shift > 0 ? 0 : -(int)shift;
  const int64_t product = (int64_t)(int32_t)((uint32_t)x << left) * multiplier;
  const int32_t high = (int32_t)((product + ((int64_t)1 << 30)) >> 31);
  const int32_t mask = (int32_t)(((uint32_t)1 << right) - 1U);
  const int32_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
  return (high >> right) + ((high & mask) > threshold ? 1 : 0);
}

static EP_INLINE int8_t ep_clamp(int32_t y, int32_t lowest)
{
  return (int8_t)(y > 127 ? 127 : y < lowest ? lowest : y);
}

/* The level of a sum; `narrow`: one rounding that equals both. */
static EP_INLINE int8_t ep_output(int32_t sum, const ep_channel *c, int narrow, int32_t lowest)
{
  if (narrow) {
    const int32_t high = (int32_t)(((int64_t)sum * 4 * c->multiplier) >> 32);
    return ep_clamp((high + c->round - (sum < 0 ? 2 : 0)) >> c->shift, lowest);
  } else {
    const int32_t y = ep_requantize(sum, c->multiplier, c->shift);
    const int32_t most = 127 - c->round, least = lowest - c->round;
    return (int8_t)((y > most ? most : y < least ? least : y) + c->round);
  }
}

/* Positions from `head` to before `tail` are left out. */
static EP_INLINE int ep_skip(int position, int head, int tail)
{
  return tail > 0 && position >= head && position < tail ? tail : position;
}

static EP_INLINE int32_t ep_max(int32_t a, int32_t b)
{
  return a > b ? a : b;
}

/* `count` levels of 4 or 2 bits, the lowest bits of a byte first. */
static EP_INLINE void ep_unpack(int8_t *to, const int8_t *from, int count, int bits)
{
  const int per_byte = 8 / bits;
  const uint32_t sign = (uint32_t)1 << (bits - 1);
  int i;
  for (i = 0; i < count; ++i) {
    const uint32_t byte = (uint8_t)from[i / per_byte];
    const uint32_t level = (byte >> (i % per_byte * bits)) & (2U * sign - 1U);
    to[i] = (int8_t)((int32_t)(level ^ sign) - (int32_t)sign);
  }
}

static EP_INLINE const int8_t *ep_weights(const int8_t *weights, int8_t *scratch, int row,
                                          const ep_conv *conv)
{
  const int count = conv->segments * conv->run, per_byte = 8 / conv->bits;
  const int8_t *from = weights + row * ((count + per_byte - 1) / per_byte);
  if (conv->bits == 8) return from;
  ep_unpack(scratch, from, count, conv->bits);
  return scratch;
}

/* Two channels by two positions; the last ones are computed twice where their number is odd. */
static EP_INLINE void ep_convolution(const int8_t *x, int8_t *y, const int8_t *weights,
                                     const ep_channel *channels, int8_t *scratch,
                                     const ep_conv *conv)
{
  const int taps = conv->segments * conv->run, last = conv->positions - 1;
  int g, c, p, s, i;
  for (g = 0; g < conv->groups; ++g) {
    for (c = 0; c < conv->channels; c += 2) {
      const int a = g * conv->channels + c, b = c + 1 < conv->channels ? a + 1 : a;
      const int8_t *wa = ep_weights(weights, scratch, a, conv);
      const int8_t *wb = ep_weights(weights, scratch + taps, b, conv);
      for (p = 0; p <= last; p += 2) {
        p = ep_skip(p, conv->head, conv->tail);
        const int q = p < last ? p + 1 : p;
        const int8_t *xp = x + p * conv->row_step + g * conv->run;
        const int8_t *xq = x + q * conv->row_step + g * conv->run;
        uint32_t pa = (uint32_t)channels[a].bias, pb = (uint32_t)channels[b].bias;
        uint32_t qa = pa, qb = pb;
        for (s = 0; s < conv->segments; ++s) {
          for (i = 0; i < conv->run; ++i) {
            const int at = s * conv->segment_step + i;
            const int32_t va = wa[s * conv->run + i], vb = wb[s * conv->run + i];
            pa += (uint32_t)(xp[at] * va);
            pb += (uint32_t)(xp[at] * vb);
            qa += (uint32_t)(xq[at] * va);
            qb += (uint32_t)(xq[at] * vb);
          }
        }
        if (conv->pool) {
          int8_t *out = y + p / 2 * conv->out_channels;
          out[a] = ep_output(ep_max((int32_t)pa, (int32_t)qa), channels + a, conv->narrow,
                             conv->lowest);
          out[b] = ep_output(ep_max((int32_t)pb, (int32_t)qb), channels + b, conv->narrow,
                             conv->lowest);
        } else {
          int8_t *out_p = y + p * conv->out_channels, *out_q = y + q * conv->out_channels;
          out_p[a] = ep_output((int32_t)pa, channels + a, conv->narrow, conv->lowest);
          out_p[b] = ep_output((int32_t)pb, channels + b, conv->narrow, conv->lowest);
          out_q[a] = ep_output((int32_t)qa, channels + a, conv->narrow, conv->lowest);
          out_q[b] = ep_output((int32_t)qb, channels + b, conv->narrow, conv->lowest);
        }
      }
    }
  }
}

static EP_INLINE int32_t ep_column(const int8_t *x, const int8_t *w, int32_t bias,
                                   const ep_conv *conv)
{
  uint32_t sum = (uint32_t)bias;
  int s;
  for (s = 0; s < conv->segments; ++s) sum += (uint32_t)(x[s * conv->segment_step] * w[s]);
  return (int32_t)sum;
}

static EP_INLINE void ep_depthwise(const int8_t *x, int8_t *y, const int8_t *weights,
                                   const ep_channel *channels, int8_t *scratch,
                                   const ep_conv *conv)
{
  int c, p;
  for (c = 0; c < conv->out_channels; ++c) {
    const int8_t *w = ep_weights(weights, scratch, c, conv);
    const ep_channel channel = channels[c];
    for (p = 0; p < conv->positions; ++p) {
      p = ep_skip(p, conv->head, conv->tail);
      int32_t sum = ep_column(x + p * conv->row_step + c, w, channel.bias, conv);
      if (conv->pool) {
        ++p;
        sum = ep_max(sum, ep_column(x + p * conv->row_step + c, w, channel.bias, conv));
        y[p / 2 * conv->out_channels + c] =
            ep_output(sum, &channel, conv->narrow, conv->lowest);
      } else {
        y[p * conv->out_channels + c] = ep_output(sum, &channel, conv->narrow, conv->lowest);
      }
    }
  }
}
)";

}  // namespace edgeproof::formats::c
