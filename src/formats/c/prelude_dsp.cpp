#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kDspPrelude = R"(
#if EP_DSP
#define EP_UNUSED __attribute__((unused))
#define EP_ALIGNED __attribute__((aligned(4)))

/* Sums of four channels at two positions: [position][channel]. */
typedef void (*ep_dot)(const int8_t *x, const uint32_t *weights, const int32_t *bias,
                       int32_t *sums);

/* x + 128 at even places. */
static EP_INLINE void ep_flip(int8_t *x, int count)
{
  int i;
  for (i = 0; i + 4 <= count; i += 4) {
    uint32_t word;
    __builtin_memcpy(&word, x + i, 4);
    word ^= 0x00800080U;
    __builtin_memcpy(x + i, &word, 4);
  }
  for (; i < count; i += 2) x[i] = (int8_t)(x[i] ^ -128);
}

/* The four weights at an index of a stream of 8, 4 or 2 bits each. */
static EP_INLINE uint32_t ep_word(const int8_t *from, int index, int bits)
{
  uint32_t word, sign;
  if (bits == 8) {
    __builtin_memcpy(&word, from + 4 * index, 4);
    return word;
  }
  if (bits == 4) {
    const uint32_t v = (uint32_t)(uint8_t)from[2 * index] | (uint32_t)(uint8_t)from[2 * index + 1] << 8;
    word = (v & 0xFU) | (v & 0xF0U) << 4 | (v & 0xF00U) << 8 | (v & 0xF000U) << 12;
    sign = 0x08080808U;
  } else {
    const uint32_t v = (uint8_t)from[index];
    word = (v & 3U) | (v & 0xCU) << 6 | (v & 0x30U) << 12 | (v & 0xC0U) << 18;
    sign = 0x02020202U;
  }
  word ^= sign;
  __asm__("ssub8 %0, %0, %1" : "+r"(word) : "r"(sign));
  return word;
}

/* Weights of four channels, as pairs of 16 bits in the order in which they are used. */
static EP_INLINE void ep_dsp_weights(uint32_t *to, const int8_t *from, int words, int bits,
                                     int paired)
{
  int i;
  for (i = 0; i < 4 * words; ++i) {
    const uint32_t word = ep_word(from, i, bits);
    uint32_t odd, even;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
    if (paired) {
      even = (word << 8) & 0xFF00FF00U;
      __asm__("ssub16 %0, %0, %1" : "+r"(even) : "r"(odd));
      to[0] = odd;
      to[4] = even;
    } else {
      __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(word));
      to[0] = even;
      to[4] = odd;
    }
    to += (i & 3) == 3 ? 5 : 1;
  }
}

/* Sums are 256 times as large if `paired`. */
static EP_INLINE int8_t ep_dsp_output(int32_t sum, const ep_channel *c, int paired, int relu)
{
  int32_t y = c->round;
  if (relu) {
    sum &= ~(sum >> 31);
  } else {
    y += (int32_t)((uint32_t)(sum >> 31) << (paired ? 7 : 1));
  }
  if (!paired) sum = (int32_t)((uint32_t)sum << 2);
  __asm__("smmla %0, %1, %2, %3" : "=r"(y) : "r"(sum), "r"(c->multiplier), "r"(y));
  y >>= c->shift;
  __asm__("ssat %0, #8, %0" : "+r"(y));
  return (int8_t)y;
}

static EP_INLINE void ep_dsp_convolution(const int8_t *x, int8_t *y, const int8_t *weights,
                                         const ep_channel *channels, uint32_t *scratch, ep_dot dot,
                                         int positions, int head, int tail, int row_step,
                                         int out_channels, int row, int words, int bits, int pool, int paired, int relu)
{
  int c, p, i;
  for (c = 0; c < out_channels; c += 4) {
    int32_t bias[4], sums[8];
    ep_dsp_weights(scratch, weights + c * words * bits / 2, words, bits, paired);
    for (i = 0; i < 4; ++i) bias[i] = c + i < out_channels ? channels[c + i].bias : 0;
    for (p = 0; p < positions; p += 2) {
      p = ep_skip(p, head, tail);
      const int at = positions % 2 == 0 || p + 2 <= positions ? p : positions - 2;
      int8_t *out = y + (pool ? at / 2 : at) * row + c;
      dot(x + at * row_step, scratch, bias, sums);
      for (i = 0; i < 4; ++i) {
        if (out_channels % 4 != 0 && c + i >= out_channels) break;
        if (pool) {
          out[i] = ep_dsp_output(ep_max(sums[i], sums[i + 4]), channels + c + i, paired, relu);
        } else {
          out[i] = ep_dsp_output(sums[i], channels + c + i, paired, relu);
          out[i + row] = ep_dsp_output(sums[i + 4], channels + c + i, paired, relu);
        }
      }
    }
  }
}

static EP_INLINE void ep_dsp_depthwise(const int8_t *x, int8_t *y, const int8_t *weights,
                                       const ep_channel *channels, int8_t *scratch, int positions,
                                       int head, int tail, int row_step, int count, int taps, int tap_step, int bits,
                                       int pool, int relu, int narrow, int32_t lowest)
{
  int c, p, t;
  for (c = 0; c < count; ++c) {
    const ep_channel channel = channels[c];
    const int8_t *from = weights + c * ((taps * bits + 7) / 8);
    int32_t w[8], best = 0;
    if (bits != 8) {
      ep_unpack(scratch, from, taps, bits);
      from = scratch;
    }
    if (taps <= 8) {
#pragma GCC unroll 8
      for (t = 0; t < taps; ++t) w[t] = from[t];
    }
    for (p = 0; p < positions; ++p) {
      p = ep_skip(p, head, tail);
      const int8_t *at = x + p * row_step + c;
      int32_t sum = channel.bias;
#pragma GCC unroll 8
      for (t = 0; t < taps; ++t) sum += at[t * tap_step] * (taps <= 8 ? w[t] : from[t]);
      if (pool && p % 2 == 0) {
        best = sum;
        continue;
      }
      if (pool) sum = ep_max(sum, best);
      y[(pool ? p / 2 : p) * count + c] = narrow ? ep_dsp_output(sum, &channel, 0, relu)
                                                 : ep_output(sum, &channel, 0, lowest);
    }
  }
}
#endif
)";

}  // namespace edgeproof::formats::c
