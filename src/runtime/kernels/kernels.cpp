// Test: kernels_test.cpp.

#include "runtime/kernels/kernels.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "runtime/kernels/reference.h"
#include "runtime/kernels/simd.h"

#if HWY_ARCH_ARM_A64
#include <sys/auxv.h>
#endif

namespace edgeproof::runtime {
namespace {

// What a kernel may read past the padded input: a vector, or half of a pair.
constexpr std::size_t kReadPastEnd = 64;

Kernels simd_kernels(std::int64_t target, bool dot_products) {
  Kernels kernels{.name = hwy::TargetName(target)};
  std::ranges::transform(kernels.name, kernels.name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (dot_products) kernels.name += HWY_ARCH_X86 ? "_vnni" : "_dot";
  add_conv_int8(kernels, target, dot_products);
  add_conv_float(kernels, target);
  add_elementwise(kernels, target);
  return kernels;
}

bool has_dot_products(std::int64_t target) {
#if HWY_ARCH_X86
  return target == HWY_AVX3 && __builtin_cpu_supports("avx512vnni");
#elif HWY_ARCH_ARM_A64
  return target == HWY_NEON && (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  (void)target;
  return false;
#endif
}

std::vector<Kernels> list_kernels() {
  std::vector<Kernels> list;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (!EDGEPROOF_IS_SIMD(target)) continue;
    if (has_dot_products(target)) list.push_back(simd_kernels(target, true));
    list.push_back(simd_kernels(target, false));
  }
  list.push_back(reference_kernels());
  return list;
}

}  // namespace

std::span<const Kernels> available_kernels() {
  static const std::vector<Kernels> list = list_kernels();
  return list;
}

const Kernels& find_kernels(std::string_view name) {
  const auto kernels = available_kernels();
  if (name.empty()) return kernels.front();
  const auto found = std::ranges::find(kernels, name, &Kernels::name);
  if (found != kernels.end()) return *found;
  std::vector<std::string> names;
  for (const Kernels& k : kernels) names.push_back(k.name);
  fail(ErrorCode::bad_config, "instruction set '{}' is not known here, expected one of: {}", name,
       join(names, ", "));
}

std::size_t scratch_values(const ConvGeometry& geometry) {
  return geometry.padded_size() + kReadPastEnd;
}

}  // namespace edgeproof::runtime
