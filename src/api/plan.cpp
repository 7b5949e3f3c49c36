#include "edgeproof/plan.h"

#include <algorithm>

#include "api/inside.h"
#include "core/error.h"
#include "runtime/evaluate.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/workspace.h"

namespace edgeproof {

struct Workspace::Inside {
  explicit Inside(const runtime::Plan& made)
      : plan(made), workspace(made), logits(made.output_size()) {}

  runtime::Plan plan;
  runtime::Workspace workspace;
  std::vector<float> logits;
};

std::string api::instruction_set(const PlanOptions& options) {
  return options.instruction_set.empty() ? runtime::available_kernels().front().name
                                         : options.instruction_set;
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const runtime::Kernels& kernels : runtime::available_kernels()) {
    names.push_back(kernels.name);
  }
  return names;
}

Plan::Plan(const Model& model, const PlanOptions& options)
    : inside_(std::make_shared<const Inside>(Inside{
          runtime::Plan(model.inside().model.graph, {.isa = api::instruction_set(options)})})) {}

std::size_t Plan::window_size() const {
  return inside_->plan.input_size();
}
std::size_t Plan::output_size() const {
  return inside_->plan.output_size();
}
const std::string& Plan::instruction_set() const {
  return inside_->plan.isa();
}

Workspace::Workspace(const Plan& plan) : inside_(std::make_unique<Inside>(plan.inside().plan)) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

std::span<const float> Workspace::run(std::span<const float> window) noexcept {
  if (window.size() != inside_->plan.input_size()) return {};
  runtime::run(inside_->plan, inside_->workspace, window, inside_->logits);
  return inside_->logits;
}

std::size_t Workspace::output_size() const noexcept {
  return inside_->logits.size();
}

std::span<const std::int64_t> Workspace::clipped() const noexcept {
  return inside_->workspace.clipped();
}

std::vector<float> run(const Plan& plan, std::span<const float> windows, int threads) {
  if (windows.size() % plan.window_size() != 0) {
    fail(ErrorCode::bad_input, "windows of {} values in all, expected a multiple of {}",
         windows.size(), plan.window_size());
  }
  if (threads < 1) fail(ErrorCode::bad_config, "threads are {}, expected at least 1", threads);
  const auto count = static_cast<int>(windows.size() / plan.window_size());
  return runtime::evaluate(plan.inside().plan, windows, count, threads).logits;
}

int label_of(std::span<const float> logits) noexcept {
  if (logits.empty()) return -1;
  return static_cast<int>(std::ranges::max_element(logits) - logits.begin());
}

}  // namespace edgeproof
