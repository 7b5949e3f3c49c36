/* What main.c wants of a board; board_arm.c and board_riscv.c have it for QEMU's. */
#ifndef EP_MEASURE_BOARD_H
#define EP_MEASURE_BOARD_H
#include <stdint.h>

static inline __attribute__((always_inline)) volatile uint32_t* board_stack(void) {
  volatile uint32_t* stack;
#if defined(__riscv)
  __asm__ volatile("mv %0, sp" : "=r"(stack));
#else
  __asm__ volatile("mov %0, sp" : "=r"(stack));
#endif
  return stack;
}

void board_say(const char* text);
void board_exit(int status) __attribute__((noreturn));
#endif
