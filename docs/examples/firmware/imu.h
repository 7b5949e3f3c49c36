/* The driver. imu_recorded.c plays a recording; on a board, imu_read() waits for the sensor's next
   interrupt and reads its registers. */
#ifndef IMU_H
#define IMU_H
#include "model.h"

/* A count of each channel, in the order in which the model was trained, EP_MISSING where there is
   none. 0: no more samples. */
int imu_read(int16_t* counts);
#endif
