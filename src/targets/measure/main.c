/* Runs a module over the windows of cases.h, on any board that board.h has: checks every output, and
   says how much stack ep_run() took. The functions of string.h are here, too. */
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "cases.h"
#include "model.h"

void *memcpy(void *to, const void *from, size_t count)
{
  char *t = to;
  const char *f = from;
  for (; count >= 4; count -= 4, t += 4, f += 4) {
    t[0] = f[0], t[1] = f[1], t[2] = f[2], t[3] = f[3];
  }
  while (count-- > 0) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t count)
{
  char *t = to;
  while (count-- > 0) *t++ = (char)value;
  return to;
}

/* Where counting stops. */
__attribute__((noinline)) void measure_end(void)
{
  __asm__ volatile("");
}

#define PAINT 0xA5A5A5A5u
#define PAINTED_WORDS 1024

static void say_number(const char *name, uint32_t value)
{
  char digits[12];
  char *d = digits + sizeof digits;
  *--d = 0;
  *--d = '\n';
  do {
    *--d = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  board_say(name);
  board_say(d);
}

int main(void)
{
  static int8_t output[EP_OUTPUT_SIZE];
  uint32_t i, w, used = 0, wrong = 0;
  for (w = 0; w < CASES; ++w) {
    /* Nothing below the stack pointer is in use: what is not painted any more afterwards was. */
    volatile uint32_t *const bottom = board_stack() - 1;
    memcpy(ep_input(), case_inputs[w], sizeof case_inputs[w]);
    for (i = 0; i < PAINTED_WORDS; ++i) bottom[-(int32_t)i] = PAINT;
    ep_run(ep_input(), output);
    measure_end();
    for (i = 0; i < PAINTED_WORDS; ++i) {
      if (bottom[-(int32_t)i] != PAINT && 4 * (i + 1) > used) used = 4 * (i + 1);
    }
    for (i = 0; i < EP_OUTPUT_SIZE; ++i) wrong += output[i] != case_outputs[w][i];
  }
  say_number("stack ", used);
  say_number("wrong ", wrong);
  return wrong != 0;
}
