#include "core/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "core/error.h"

namespace edgeproof {
namespace {

// Exits with 0 if the flag is set.
[[noreturn]] void exit_by_flag() {
  try {
    throw_if_interrupted();
  } catch (const Error& error) {
    std::exit(error.code() == ErrorCode::interrupted ? 0 : 2);
  }
  std::exit(1);
}

// Each runs in a process of its own, because the flag stays set.
TEST(Interrupt, TheFirstSignalSetsTheFlag) {
  EXPECT_EXIT(
      {
        install_interrupt_handler();
        std::raise(SIGINT);
        exit_by_flag();
      },
      testing::ExitedWithCode(0), "");
}

TEST(Interrupt, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        install_interrupt_handler();
        std::raise(SIGTERM);
        std::raise(SIGTERM);
        std::exit(1);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(Interrupt, NothingIsThrownWithoutASignal) {
  install_interrupt_handler();
  EXPECT_NO_THROW(throw_if_interrupted());
}

}  // namespace
}  // namespace edgeproof
