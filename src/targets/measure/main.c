/* Runs a module over the windows of cases.h, or their hops, on any board that board.h has: checks every
   output, and says how much stack an inference took. */
#include <stdint.h>
#include <string.h>

#include "board.h"
#include "cases.h"
#include "model.h"

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
#if STREAMS
  ep_run(first_window, output);
#endif
  for (w = 0; w < CASES; ++w) {
    /* Nothing below the stack pointer is in use: what is not painted any more afterwards was. */
    volatile uint32_t *const bottom = board_stack() - 1;
#if !STREAMS
    memcpy(ep_input(), case_inputs[w], sizeof case_inputs[w]);
#endif
    for (i = 0; i < PAINTED_WORDS; ++i) bottom[-(int32_t)i] = PAINT;
#if STREAMS
    ep_advance(case_inputs[w], output);
#else
    ep_run(ep_input(), output);
#endif
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
