#include "formats/c/conv.h"
namespace edgeproof::formats::c {
bool fits_mve(const Conv&) {
  return false;
}
std::size_t mve_scratch_bytes(const Conv&) {
  return 0;
}
Code mve_conv(const Conv& conv) {
  return portable_conv(conv);
}
}  // namespace edgeproof::formats::c
