/* The functions of string.h. */
#include "string.h"

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

void *memmove(void *to, const void *from, size_t count)
{
  if ((char *)to > (const char *)from) {
    while (count-- > 0) ((char *)to)[count] = ((const char *)from)[count];
    return to;
  }
  return memcpy(to, from, count);
}

void *memset(void *to, int value, size_t count)
{
  char *t = to;
  while (count-- > 0) *t++ = (char)value;
  return to;
}
