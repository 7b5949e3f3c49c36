#include "runtime/workspace.h"

#include <cassert>
#include <type_traits>

#include "runtime/program.h"
#include "runtime/run_layer.h"

namespace edgeproof::runtime {

Workspace::Workspace(const Plan& plan, bool count_clipped)
    : count_clipped_(count_clipped),
      arena_(plan.program().arena_bytes + kReadPastEnd),
      scratch_(plan.program().scratch_bytes),
      clipped_(plan.program().steps.size()) {}

void Workspace::run_steps(const Program& program, std::span<const float> window, std::size_t first,
                          std::size_t end) noexcept {
  for (std::size_t i = first; i < end; ++i) {
    clipped_[i] = run_step(program, program.steps[i], window, arena_, scratch_, count_clipped_);
  }
}

void run(const Plan& plan, Workspace& workspace, std::span<const float> window,
         std::span<float> logits) noexcept {
  const Program& program = plan.program();
  assert(window.size() == plan.input_size() && logits.size() == plan.output_size());
  assert(workspace.clipped_.size() == program.steps.size());
  workspace.run_steps(program, window, 0, program.steps.size());
  write_logits(program, workspace.arena_.data(), logits);
}

template <typename T>
std::span<const T> node_output(const Plan& plan, const Workspace& workspace, int node) {
  const Program& program = plan.program();
  assert(program.keep_all && program.int8 == (std::is_same_v<T, std::int8_t>));
  const auto index = static_cast<std::size_t>(node);
  const std::byte* start = workspace.arena_.data() + program.steps[index].out;
  return {reinterpret_cast<const T*>(start),
          static_cast<std::size_t>(program.shapes[index].size())};
}

template <typename T>
std::span<T> node_values(const Plan& plan, Workspace& workspace, int node) {
  const std::span<const T> values = node_output<T>(plan, workspace, node);
  return {const_cast<T*>(values.data()), values.size()};
}

void run_nodes(const Plan& plan, Workspace& workspace, int first, int end,
               std::span<const float> window) noexcept {
  assert(first > 0 || window.size() == plan.input_size());
  workspace.run_steps(plan.program(), window, static_cast<std::size_t>(first),
                      static_cast<std::size_t>(end));
}

template std::span<const float> node_output(const Plan&, const Workspace&, int);
template std::span<const std::int8_t> node_output(const Plan&, const Workspace&, int);
template std::span<float> node_values(const Plan&, Workspace&, int);
template std::span<std::int8_t> node_values(const Plan&, Workspace&, int);

}  // namespace edgeproof::runtime
