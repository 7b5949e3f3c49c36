#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kPlainPrelude = R"(
typedef struct {
  int32_t zero, multiplier, shift;
} ep_operand;

static EP_INLINE void ep_add(const int8_t *a, const int8_t *b, int8_t *y, int count,
                             const ep_operand *of_a, const ep_operand *of_b,
                             const ep_operand *of_y, int32_t lowest)
{
  int i;
  for (i = 0; i < count; ++i) {
    const int32_t sum =
        ep_requantize((a[i] - of_a->zero) * (1 << 20), of_a->multiplier, of_a->shift) +
        ep_requantize((b[i] - of_b->zero) * (1 << 20), of_b->multiplier, of_b->shift);
    const int32_t level = ep_requantize(sum, of_y->multiplier, of_y->shift);
    const int32_t most = 127 - of_y->zero, least = lowest - of_y->zero;
    y[i] = (int8_t)((level > most ? most : level < least ? least : level) + of_y->zero);
  }
}

/* Each of the rows of a times b. */
static EP_INLINE void ep_multiply(const int8_t *a, const int8_t *b, int8_t *y, int rows, int row,
                                  int32_t zero_a, int32_t zero_b, const ep_operand *of_y,
                                  int32_t lowest)
{
  const int32_t most = 127 - of_y->zero, least = lowest - of_y->zero;
  int r, i;
  for (r = 0; r < rows; ++r) {
    for (i = 0; i < row; ++i) {
      const int32_t product = (a[r * row + i] - zero_a) * (b[i] - zero_b);
      const int32_t level = ep_requantize(product, of_y->multiplier, of_y->shift);
      y[r * row + i] = (int8_t)((level > most ? most : level < least ? least : level) + of_y->zero);
    }
  }
}

static EP_INLINE void ep_max_pool(const int8_t *x, int8_t *y, int length, int channels,
                                  int out_length, int kernel, int stride, int pad_left)
{
  int p, c, i;
  for (p = 0; p < out_length; ++p) {
    const int start = p * stride - pad_left, first = start < 0 ? 0 : start;
    const int end = start + kernel < length ? start + kernel : length;
    for (c = 0; c < channels; ++c) {
      int8_t most = x[first * channels + c];
      for (i = first + 1; i < end; ++i) {
        const int8_t value = x[i * channels + c];
        if (value > most) most = value;
      }
      y[p * channels + c] = most;
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
#endif
  for (; c < channels; ++c) {
    int32_t sum = 0;
    for (i = 0; i < length; ++i) sum += x[i * channels + c];
    y[c] = ep_mean(sum, length);
  }
}

static EP_INLINE void ep_average_pool(const int8_t *x, int8_t *y, int length, int channels,
                                      int out_length, int kernel, int stride, int pad_left)
{
  int p;
  for (p = 0; p < out_length; ++p) {
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
