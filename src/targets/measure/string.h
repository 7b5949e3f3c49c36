/* What a module needs of the C library, where there is none. */
#ifndef EP_MEASURE_STRING_H
#define EP_MEASURE_STRING_H
#include <stddef.h>
void* memcpy(void* to, const void* from, size_t count);
void* memmove(void* to, const void* from, size_t count);
void* memset(void* to, int value, size_t count);
#endif
