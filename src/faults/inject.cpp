// Checks, the fault itself on physical channels, then what it added carried over to derived ones.
// Test: inject_test.cpp has the laws that hold for every fault.

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

void check(const Context& context, const Segment& segment) {
  const auto channels = static_cast<size_t>(std::max(segment.channels, 0));
  const auto length = static_cast<size_t>(std::max(segment.length, 0));
  if (segment.samples.size() != length * channels) {
    fail(ErrorCode::bad_input, "recording {}: {} samples, expected {} x {} channels",
         segment.recording, segment.samples.size(), segment.length, segment.channels);
  }
  if (context.channels.size() != channels || context.mean.size() != channels ||
      context.sd.size() != channels) {
    fail(ErrorCode::bad_input,
         "recording {}: {} channels, but the data set has {}, with {} means and {} standard "
         "deviations",
         segment.recording, channels, context.channels.size(), context.mean.size(),
         context.sd.size());
  }
  for (const signal::Channel& channel : context.channels) {
    if (channel.source < 0 || channel.source >= segment.channels ||
        !context.physical(channel.source)) {
      fail(ErrorCode::bad_input,
           "channel '{}': derived from channel {}, expected a physical one of the {}", channel.name,
           channel.source, channels);
    }
  }
}

void apply(const Definition& definition, double value, const Context& context,
           const Segment& segment) {
  if (const auto* whole = std::get_if<SegmentFault>(&definition.apply)) {
    (*whole)(value, context, segment);
    return;
  }
  const auto act = std::get<ChannelFault>(definition.apply);
  for (int c = 0; c < segment.channels; ++c) {
    if (context.physical(c)) act(value, context, segment, c);
  }
}

}  // namespace

std::optional<std::string> not_applicable(const Definition& definition, const Context& context) {
  return definition.obstacle ? definition.obstacle(context) : std::nullopt;
}

void inject_value(const Definition& definition, double value, const Context& context,
                  Segment segment) {
  const Parameter& parameter = definition.parameter;
  if (!(value >= parameter.min && value <= parameter.max)) {
    fail(ErrorCode::bad_config, "fault '{}': {} is {}, expected {} to {} ({})", definition.name,
         parameter.name, value, parameter.min, parameter.max, parameter.unit);
  }
  if (const auto reason = not_applicable(definition, context)) {
    fail(ErrorCode::unsupported, "fault '{}' does not apply: {}", definition.name, *reason);
  }
  check(context, segment);

  std::vector<int> derived;
  for (int c = 0; c < segment.channels; ++c) {
    if (!context.physical(c)) derived.push_back(c);
  }
  std::vector<float> clean;
  if (!derived.empty()) clean.assign(segment.samples.begin(), segment.samples.end());
  apply(definition, value, context, segment);
  const Segment before{clean, segment.length, segment.channels, segment.recording};
  for (const int c : derived) {
    const int source = context.channels[c].source;
    for (int t = 0; t < segment.length; ++t) {
      segment.at(t, c) += segment.at(t, source) - before.at(t, source);
    }
  }
}

void inject(const Definition& definition, int severity, const Context& context, Segment segment) {
  if (severity < 0 || severity > kMaxSeverity) {
    fail(ErrorCode::bad_config, "fault '{}': severity is {}, expected 0 to {}", definition.name,
         severity, kMaxSeverity);
  }
  if (severity == 0) return;
  inject_value(definition, definition.parameter.severities[severity - 1], context, segment);
}

}  // namespace edgeproof::faults
