#include "runtime/kernels/kernel_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace edgeproof::runtime {
namespace {

TEST(Kernels, TheReferenceIsTheLastAndTheBestIsTheDefault) {
  EXPECT_EQ(available_kernels().back().name, "scalar");
  EXPECT_EQ(&find_kernels(""), &available_kernels().front());
  for (const Kernels& kernels : available_kernels()) {
    EXPECT_EQ(&find_kernels(kernels.name), &kernels);
    EXPECT_EQ(kernels.panels.lanes == 0, kernels.name == "scalar");
  }
}

#if defined(__x86_64__)
TEST(Kernels, EveryX86MachineOfThisCenturysSecondDecadeHasSse4) {
  EXPECT_EQ(find_kernels("sse4").panels.lanes, 4);
}
#endif

TEST(Kernels, UnknownInstructionSetIsAnErrorThatListsWhatThereIs) {
  try {
    find_kernels("avx9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    EXPECT_THAT(error.what(), testing::HasSubstr("'avx9'"));
    EXPECT_THAT(error.what(), testing::HasSubstr("scalar"));
  }
}

}  // namespace
}  // namespace edgeproof::runtime
