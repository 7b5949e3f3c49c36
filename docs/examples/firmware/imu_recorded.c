/* recording.inc has a row of counts in braces for each sample: CMakeLists.txt makes it of a CSV file. */
#include "imu.h"

static const int16_t recording[][EP_SENSORS] = {
#include "recording.inc"
};

int imu_read(int16_t *counts)
{
  static unsigned next;
  int c;
  if (next == sizeof recording / sizeof recording[0]) return 0;
  for (c = 0; c < EP_SENSORS; ++c) counts[c] = recording[next][c];
  ++next;
  return 1;
}
