// Dense layers, and convolutions with one position: four output channels share what they load of
// the input. Test: export_test.cpp, device_test.cpp.

#include "formats/c/conv.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kRows = 4;

}  // namespace

bool fits_dense(const Conv& conv) {
  return conv.positions == 1 && conv.segments == 1 && conv.geometry().groups == 1;
}

std::size_t dense_scratch_bytes(const Conv& conv) {
  return conv.bits == 8 ? 0 : kRows * static_cast<std::size_t>(conv.taps());
}

Code dense(const Conv& conv) {
  const std::string& name = conv.step->name;
  return {plain_tables(conv),
          fmt::format("  ep_dense(x, y, {0}_weights, {0}_channels, scratch, {1}, {2}, {3}, {4}, "
                      "{5});\n",
                      name, conv.taps(), conv.geometry().out_channels, conv.bits, int{conv.narrow},
                      conv.lowest())};
}

}  // namespace edgeproof::formats::c
