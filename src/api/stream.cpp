#include "edgeproof/stream.h"

#include <vector>

#include "api/inside.h"
#include "runtime/stream.h"

namespace edgeproof {

struct StreamPlan::Inside {
  runtime::StreamPlan plan;
};

struct Stream::Inside {
  explicit Inside(const runtime::StreamPlan& made)
      : plan(made), stream(made), logits(made.output_size()) {}

  runtime::StreamPlan plan;
  runtime::Stream stream;
  std::vector<float> logits;
  bool started = false;
};

StreamPlan::StreamPlan(const Model& model, int hop, const PlanOptions& options)
    : inside_(std::make_shared<const Inside>(Inside{
          runtime::StreamPlan(model.inside().model.graph, hop, api::instruction_set(options))})) {}

std::size_t StreamPlan::window_size() const {
  return inside_->plan.window_size();
}
std::size_t StreamPlan::hop_size() const {
  return inside_->plan.hop_size();
}
std::size_t StreamPlan::output_size() const {
  return inside_->plan.output_size();
}
std::int64_t StreamPlan::macs_per_hop() const {
  return inside_->plan.macs_per_hop();
}
std::size_t StreamPlan::state_bytes() const {
  return inside_->plan.state_bytes();
}

Stream::Stream(const StreamPlan& plan) : inside_(std::make_unique<Inside>(plan.inside().plan)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

std::span<const float> Stream::start(std::span<const float> window) noexcept {
  if (window.size() != inside_->plan.window_size()) return {};
  inside_->stream.start(window, inside_->logits);
  inside_->started = true;
  return inside_->logits;
}

std::span<const float> Stream::advance(std::span<const float> samples) noexcept {
  if (!inside_->started || samples.size() != inside_->plan.hop_size()) return {};
  inside_->stream.advance(samples, inside_->logits);
  return inside_->logits;
}

}  // namespace edgeproof
