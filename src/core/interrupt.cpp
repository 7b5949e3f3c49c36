#include "core/interrupt.h"

#include <atomic>
#include <csignal>

#include "core/error.h"

namespace edgeproof {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // safe in a signal handler
const std::atomic<bool>* flag = &interrupted;

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
  if (flag->load()) fail(ErrorCode::interrupted, "interrupted");
}

const void* interrupt_flag() {
  return &interrupted;
}

void share_interrupt_flag(const void* other) {
  flag = static_cast<const std::atomic<bool>*>(other);
}

}  // namespace edgeproof
