#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kRowsPrelude = R"(
/* Products of inputs with `taps` weights of four rows, `from` on, added to their sums. */
static EP_INLINE void ep_row_sums(const int8_t *x, const int8_t *const *rows, int from,
                                  int taps, uint32_t *sums)
{
  int i = 0;
#if EP_MVE
  int k;
  for (; i < taps; i += 16) {
    const mve_pred16_t inside = vctp8q((uint32_t)(taps - i));
    const int8x16_t in = vldrbq_z_s8(x + i, inside);
#pragma GCC unroll 4
    for (k = 0; k < 4; ++k) {
      sums[k] = (uint32_t)vmladavaq_s8((int32_t)sums[k], in, vldrbq_z_s8(rows[k] + from + i, inside));
    }
  }
#elif EP_DSP
  int k;
  for (; i + 4 <= taps; i += 4) {
    uint32_t in, even, odd;
    __builtin_memcpy(&in, x + i, 4);
    __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(in));
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(in));
#pragma GCC unroll 4
    for (k = 0; k < 4; ++k) {
      uint32_t word, pair;
      __builtin_memcpy(&word, rows[k] + from + i, 4);
      __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
      __asm__("smlad %0, %1, %2, %0" : "+r"(sums[k]) : "r"(even), "r"(pair));
      __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
      __asm__("smlad %0, %1, %2, %0" : "+r"(sums[k]) : "r"(odd), "r"(pair));
    }
  }
#endif
  if (i < taps) {
    const int8_t *const a = rows[0] + from, *const b = rows[1] + from;
    const int8_t *const c = rows[2] + from, *const d = rows[3] + from;
    uint32_t to_a = sums[0], to_b = sums[1], to_c = sums[2], to_d = sums[3];
    for (; i < taps; ++i) {
      const int32_t in = x[i];
      to_a += (uint32_t)(in * a[i]);
      to_b += (uint32_t)(in * b[i]);
      to_c += (uint32_t)(in * c[i]);
      to_d += (uint32_t)(in * d[i]);
    }
    sums[0] = to_a;
    sums[1] = to_b;
    sums[2] = to_c;
    sums[3] = to_d;
  }
}

/* Four output channels at a time, where fewer are left the last one stands in; one position. */
static EP_INLINE void ep_rows(const int8_t *x, int8_t *y, const int8_t *weights,
                              const ep_channel *channels, int8_t *scratch, const ep_conv *conv)
{
  const int taps = conv->segments * conv->run;
  int g, c, p, s, k;
  for (g = 0; g < conv->groups; ++g) {
    for (c = 0; c < conv->channels; c += 4) {
      const int first = g * conv->channels + c;
      const int count = conv->channels - c < 4 ? conv->channels - c : 4;
      const int8_t *rows[4];
      int32_t best[4] = {0, 0, 0, 0};
      for (k = 0; k < 4; ++k) {
        const int row = first + (k < count ? k : count - 1);
        rows[k] = ep_weights(weights, scratch + k * taps, row, conv);
      }
      for (p = 0; p < conv->positions; ++p) {
        p = ep_skip(p, conv->head, conv->tail);
        const int8_t *const at = x + p * conv->row_step + g * conv->run;
        int8_t *const out = y + (conv->pool ? p / 2 : p) * conv->out_channels + first;
        uint32_t sums[4] = {0, 0, 0, 0};
        for (s = 0; s < conv->segments; ++s) {
          ep_row_sums(at + s * conv->segment_step, rows, s * conv->run, conv->run, sums);
        }
        for (k = 0; k < count; ++k) {
          const ep_channel *const channel = channels + first + k;
          int32_t sum = (int32_t)(sums[k] + (uint32_t)channel->bias);
          if (conv->pool && p % 2 == 0) {
            best[k] = sum;
            continue;
          }
          if (conv->pool) sum = ep_max(sum, best[k]);
          out[k] = ep_output(sum, channel, conv->narrow, conv->lowest);
        }
      }
    }
  }
}
)";

}  // namespace edgeproof::formats::c
