#include "formats/c/prelude.h"

namespace edgeproof::formats::c {

const std::string_view kPushLevel = R"(
static int8_t ep_level(const ep_sensor *sensor, int16_t count)
{
  int low = sensor->first, high = sensor->first + sensor->exceptions;
  int64_t level;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (ep_exception_counts[middle] == count) return ep_exception_levels[middle];
    if (ep_exception_counts[middle] < count) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  level = (count * sensor->factor + sensor->offset) >> 32;
  return (int8_t)(level > 127 ? 127 : level < -128 ? -128 : level);
}

#define EP_ROWS (EP_INPUT_LENGTH + EP_LOOK_AHEAD)
#if EP_HISTORY
static int8_t ep_history[EP_ROWS * EP_INPUT_CHANNELS];
static int ep_row; /* the oldest */
#endif
)";

// Single precision in integers, operation by operation: what the host computes between two samples.
const std::string_view kPushReal = R"(
/* mantissa * 2^exponent, of 24 bits unless it is zero. */
typedef struct {
  int32_t mantissa, exponent;
} ep_real;

/* count * unit * 2^exponent is the physical value. */
typedef struct {
  int64_t unit;
  int32_t exponent;
  ep_real mean, sd;
} ep_scaling;

/* value * 2^exponent, halves to even. */
static ep_real ep_rounded(int64_t value, int32_t exponent)
{
  ep_real real = {0, 0};
  uint64_t bits = value < 0 ? 0U - (uint64_t)value : (uint64_t)value, rest;
  int shift;
  if (value == 0) return real;
  for (shift = 32; shift > 0; shift /= 2) {
    if (bits >> (64 - shift) == 0) {
      bits <<= shift;
      exponent -= shift;
    }
  }
  rest = bits << 24;
  real.mantissa = (int32_t)(bits >> 40);
  real.exponent = exponent + 40;
  if (rest > UINT64_C(1) << 63 || (rest == UINT64_C(1) << 63 && (real.mantissa & 1) != 0)) {
    ++real.mantissa;
  }
  if (value < 0) real.mantissa = -real.mantissa;
  return real;
}

/* a + sign * b */
static ep_real ep_real_sum(ep_real a, ep_real b, int32_t sign)
{
  int32_t shift;
  b.mantissa *= sign;
  if (a.mantissa == 0) return b;
  if (b.mantissa == 0) return a;
  if (a.exponent < b.exponent) {
    const ep_real larger = b;
    b = a;
    a = larger;
  }
  shift = a.exponent - b.exponent;
  if (shift > 38) { /* only its sign matters */
    shift = 38;
    b.mantissa = b.mantissa > 0 ? 1 : -1;
  }
  return ep_rounded(a.mantissa * ((int64_t)1 << shift) + b.mantissa, a.exponent - shift);
}

static ep_real ep_real_product(ep_real a, ep_real b)
{
  return ep_rounded((int64_t)a.mantissa * b.mantissa, a.exponent + b.exponent);
}

/* `b` is positive. */
static ep_real ep_real_quotient(ep_real a, ep_real b)
{
  const uint64_t top = (uint64_t)(a.mantissa < 0 ? -a.mantissa : a.mantissa) << 38;
  const uint64_t ratio = top / (uint32_t)b.mantissa;
  const int64_t sticky = (int64_t)(2 * ratio + (ratio * (uint32_t)b.mantissa != top ? 1U : 0U));
  return ep_rounded(a.mantissa < 0 ? -sticky : sticky, a.exponent - b.exponent - 39);
}
)";

const std::string_view kPushLinear = R"(
static int8_t ep_level_of(ep_real value, const ep_scaling *scaling)
{
  const ep_real z = ep_real_quotient(ep_real_sum(value, scaling->mean, -1), scaling->sd);
  const ep_real y = ep_real_quotient(z, ep_input_scale);
  const int32_t size = y.mantissa < 0 ? -y.mantissa : y.mantissa;
  int32_t level = y.exponent >= 0 ? 1 << 24 : 0;
  if (y.exponent < 0 && y.exponent >= -25) {
    level = (size + ((int32_t)1 << (-y.exponent - 1))) >> -y.exponent;
  }
  if (size == 0) level = 0;
  level = EP_INPUT_ZERO_POINT + (y.mantissa < 0 ? -level : level);
  return (int8_t)(level > 127 ? 127 : level < -128 ? -128 : level);
}

static int16_t ep_known[EP_SENSORS]; /* the last count, EP_MISSING before the first */
static int32_t ep_gap[EP_SENSORS];   /* samples missing since */

/* The gap before the row of a count that is there; all of it has been held so far. */
static void ep_fill(int c, int16_t count)
{
  const int16_t before = ep_known[c];
  const int32_t gap = ep_gap[c];
  const ep_scaling *scaling = ep_scalings + c;
  ep_known[c] = count;
  ep_gap[c] = 0;
  if (gap > 0) {
    const ep_real right = ep_rounded(count * scaling->unit, scaling->exponent);
    const ep_real left =
        before == EP_MISSING ? right : ep_rounded(before * scaling->unit, scaling->exponent);
    const ep_real rise = ep_real_sum(right, left, -1), steps = ep_rounded((int64_t)gap + 1, 0);
    int32_t back;
    for (back = 1; back <= gap && back < EP_ROWS; ++back) {
      const ep_real share = ep_real_quotient(ep_rounded((int64_t)gap + 1 - back, 0), steps);
      const int row = back <= ep_row ? ep_row - back : ep_row - back + EP_ROWS;
      ep_history[row * EP_INPUT_CHANNELS + c] =
          ep_level_of(ep_real_sum(left, ep_real_product(rise, share), 1), scaling);
    }
  }
}
)";

const std::string_view kPush = R"(
static int8_t ep_last[EP_SENSORS];
static int ep_due; /* samples until a window is complete; 0: reset */
#if EP_STREAM
static int8_t ep_fresh[EP_HOP * EP_INPUT_CHANNELS];
static int ep_started; /* there has been a window */
#endif

void ep_reset(void)
{
  ep_due = 0;
}

static void ep_put(int8_t *row, const int16_t *counts)
{
  int c, missing = 0;
  for (c = 0; c < EP_SENSORS; ++c) {
    if (counts[c] != EP_MISSING) {
      ep_last[c] = ep_level(ep_sensors + c, counts[c]);
#if EP_LINEAR
      ep_fill(c, counts[c]);
#endif
    } else {
      missing = 1;
#if EP_LINEAR
      if (ep_gap[c] < INT32_MAX) ++ep_gap[c];
#endif
      if (!EP_HOLD) ep_last[c] = EP_MEAN_LEVEL;
    }
    if (row) row[c] = ep_last[c];
  }
  if (EP_INPUT_CHANNELS > EP_SENSORS && row) {
    row[EP_INPUT_CHANNELS - 1] = (int8_t)(missing ? EP_MASK_LEVEL : EP_NO_MASK_LEVEL);
  }
}

int ep_push(const int16_t *counts, int8_t *scores)
{
  int i, best = 0;
  if (ep_due == 0) {
    memset(ep_last, EP_MEAN_LEVEL, sizeof ep_last);
    ep_due = EP_ROWS;
#if EP_STREAM
    ep_started = 0;
#endif
#if EP_HISTORY
    ep_row = 0;
#endif
#if EP_LINEAR
    for (i = 0; i < EP_SENSORS; ++i) ep_known[i] = EP_MISSING;
    memset(ep_gap, 0, sizeof ep_gap);
#endif
  }
#if EP_HISTORY
  ep_put(ep_history + ep_row * EP_INPUT_CHANNELS, counts);
  ep_row = ep_row + 1 == EP_ROWS ? 0 : ep_row + 1;
#elif EP_STREAM
  ep_put((ep_started ? ep_fresh + EP_HOP * EP_INPUT_CHANNELS
                     : ep_input() + EP_INPUT_LENGTH * EP_INPUT_CHANNELS) -
             ep_due * EP_INPUT_CHANNELS,
         counts);
#else
  ep_put(ep_due > EP_INPUT_LENGTH
             ? (int8_t *)0
             : ep_input() + (EP_INPUT_LENGTH - ep_due) * EP_INPUT_CHANNELS,
         counts);
#endif
  if (--ep_due > 0) return -1;
  ep_due = EP_HOP;
#if EP_HISTORY
  for (i = 0; i < EP_INPUT_LENGTH; ++i) {
    const int row = ep_row + i < EP_ROWS ? ep_row + i : ep_row + i - EP_ROWS;
    memcpy(ep_input() + i * EP_INPUT_CHANNELS, ep_history + row * EP_INPUT_CHANNELS,
           EP_INPUT_CHANNELS);
  }
#endif
#if EP_STREAM
  if (ep_started) {
    ep_advance(ep_fresh, scores);
  } else {
    ep_run(ep_input(), scores);
  }
  ep_started = 1;
#else
  ep_run(ep_input(), scores);
#endif
  for (i = 1; i < EP_OUTPUT_SIZE; ++i) {
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}
)";

}  // namespace edgeproof::formats::c
