/* Cortex-M: vectors, start, and output by semihosting (bkpt 0xAB: Arm's "Semihosting for AArch32 and
   AArch64", operations SYS_WRITE0 and SYS_EXIT). */
#include <stdint.h>

#include "board.h"

extern uint32_t image_stack_top[], image_data[], image_data_end[], image_data_load[], image_bss[],
    image_bss_end[];
int main(void);

static void semihost(uint32_t operation, uintptr_t argument)
{
  register uint32_t r0 __asm__("r0") = operation;
  register uintptr_t r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_say(const char *text)
{
  semihost(4, (uintptr_t)text);
}

void board_exit(int status)
{
  for (;;) semihost(0x18, status == 0 ? 0x20026 : 0x20024);
}

__attribute__((used)) static void start_c(void)
{
  uint32_t *to = image_data;
  const uint32_t *from = image_data_load;
  while (to < image_data_end) *to++ = *from++;
  for (to = image_bss; to < image_bss_end; ++to) *to = 0;
  board_exit(main());
}

/* Coprocessors 10 and 11, which Helium is, have to be on before any C code. */
__attribute__((naked, used)) void reset(void)
{
#if defined(__ARM_FEATURE_MVE)
  __asm__ volatile(
      "ldr r0, =0xe000ed88\n ldr r1, [r0]\n orr r1, r1, #0xf00000\n str r1, [r0]\n dsb\n isb\n");
#endif
  __asm__ volatile("b start_c");
}

static void fault(void)
{
  board_say("fault\n");
  board_exit(1);
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)(uintptr_t)image_stack_top, reset, fault, fault, fault, fault, fault};
