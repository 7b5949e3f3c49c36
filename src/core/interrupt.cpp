#include "core/interrupt.h"

#include <atomic>
#include <csignal>

#include "core/error.h"

namespace edgeproof {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // safe in a signal handler

void on_signal(int signal) {
  if (interrupted.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

void install_interrupt_handler() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGXFSZ, SIG_IGN);
}

void throw_if_interrupted() {
  if (interrupted.load()) fail(ErrorCode::interrupted, "interrupted");
}

}  // namespace edgeproof
