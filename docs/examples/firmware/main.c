/* Reads an IMU, and says what the model makes of every window: its first sample and its label. */
#include "board.h"
#include "imu.h"

static void say_number(uint32_t value)
{
  char digits[11];
  char *d = digits + sizeof digits;
  *--d = 0;
  do {
    *--d = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  board_say(d);
}

int main(void)
{
  int16_t counts[EP_SENSORS];
  int8_t scores[EP_OUTPUT_SIZE];
  uint32_t samples;
  for (samples = 1; imu_read(counts); ++samples) {
    const int label = ep_push(counts, scores);
    if (label < 0) continue;
    say_number(samples - EP_LOOK_AHEAD - EP_INPUT_LENGTH);
    board_say(" ");
    board_say(ep_labels[label]);
    board_say("\n");
  }
  return 0;
}
