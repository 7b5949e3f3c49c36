/* QEMU's "virt" board with RV32: UART at 0x10000000, and a device at 0x100000 that ends the run. */
#include <stdint.h>

#include "board.h"

extern uint32_t image_stack_top[], image_bss[], image_bss_end[];
int main(void);

void board_say(const char *text)
{
  while (*text != 0) *(volatile uint8_t *)0x10000000 = (uint8_t)*text++;
}

void board_exit(int status)
{
  *(volatile uint32_t *)0x100000 = status == 0 ? 0x5555 : 0x13333;
  for (;;) {
  }
}

__attribute__((used)) static void start_c(void)
{
  uint32_t *to;
  for (to = image_bss; to < image_bss_end; ++to) *to = 0;
  board_exit(main());
}

__attribute__((naked, used, section(".vectors"))) void reset(void)
{
  __asm__ volatile("la sp, image_stack_top\n j start_c\n");
}
