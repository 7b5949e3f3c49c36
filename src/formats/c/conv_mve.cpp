#include "formats/c/conv.h"
namespace edgeproof::formats::c {
Code mve_conv(const Conv& conv) {
  return portable_conv(conv);
}
}  // namespace edgeproof::formats::c
