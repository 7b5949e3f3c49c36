#include "runtime/kernels/kernel_list.h"

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

// The best first: of lower bits, as Highway orders them.
std::vector<std::int64_t> simd_targets() {
#if HWY_ARCH_ARM_A64
  // Highway's NEON target asks for AES instructions, which Raspberry Pis up to the fourth lack; no
  // kernel here has them, and everything else is on every AArch64.
  const std::int64_t supported = HWY_NEON;
#else
  const std::int64_t supported = hwy::SupportedTargets();
#endif
  std::vector<std::int64_t> targets;
  for (std::int64_t left = supported & HWY_TARGETS; left != 0; left &= left - 1) {
    const std::int64_t target = left & -left;
    if (EDGEPROOF_IS_SIMD(target)) targets.push_back(target);
  }
  return targets;
}

std::vector<Kernels> list_kernels() {
  std::vector<Kernels> list;
  for (const std::int64_t target : simd_targets()) {
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

}  // namespace edgeproof::runtime
