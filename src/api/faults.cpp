#include "edgeproof/faults.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "api/inside.h"
#include "core/error.h"
#include "faults/injector.h"

namespace edgeproof {
namespace {

FaultParameter public_parameter(const faults::Parameter& parameter, std::vector<double> values) {
  return {.name = parameter.name,
          .unit = parameter.unit,
          .min = parameter.min,
          .max = parameter.max,
          .whole = parameter.whole,
          .values = std::move(values)};
}

FaultInfo public_info(const faults::Fault& fault) {
  FaultInfo info{.name = fault.name, .summary = fault.summary()};
  for (const faults::Part& part : fault.parts) {
    info.needs_statistics |= part.definition->needs_statistics;
  }
  if (fault.parts.size() > 1) return info;
  const faults::Part& part = fault.parts.front();
  info.parameters.push_back(public_parameter(part.definition->parameter, part.values));
  for (const faults::Constant& constant : part.definition->constants) {
    info.parameters.push_back(public_parameter(constant.parameter, {constant.value}));
  }
  return info;
}

// What a faults::Context, which has spans only, looks at. Statistics are all there or none are.
class Bench {
 public:
  explicit Bench(const Sensors& sensors) : sensors_(sensors), channels_(api::channels_of(sensors)) {
    for (const Channel& channel : sensors.channels) {
      if (!channel.statistics) return;
    }
    statistics_ = api::statistics_of(sensors);
  }
  faults::Context context(std::uint64_t seed = 0) const {
    return {.rate_hz = sensors_.rate_hz,
            .channels = channels_,
            .triads = sensors_.triads,
            .mean = statistics_.mean,
            .sd = statistics_.sd,
            .seed = seed};
  }

 private:
  const Sensors& sensors_;
  std::vector<signal::Channel> channels_;
  signal::Statistics statistics_;
};

// Sets marks[sample * channels + channel] where the frames' bits differ.
void mark(const faults::Frames& before, const faults::Frames& after, std::size_t channels,
          std::vector<std::uint8_t>& marks) {
  for (std::size_t c = 0; c < channels; ++c) {
    const auto x = before.channel(static_cast<int>(c)), y = after.channel(static_cast<int>(c));
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::bit_cast<std::uint32_t>(x[i]) == std::bit_cast<std::uint32_t>(y[i])) continue;
      marks[(static_cast<std::size_t>(after.first) + i) * channels + c] = 1;
    }
  }
}

}  // namespace

std::vector<FaultInfo> list_faults() {
  std::vector<FaultInfo> list;
  for (const faults::Fault& fault : faults::all_faults()) list.push_back(public_info(fault));
  return list;
}

Fault::Fault(std::string_view expression)
    : inside_(std::make_shared<const Inside>(Inside{faults::parse_fault(expression)})) {}

const std::string& Fault::name() const {
  return inside_->fault.name;
}
std::string Fault::summary() const {
  return inside_->fault.summary();
}
int Fault::severities() const {
  return inside_->fault.severities();
}
std::optional<std::string> Fault::not_applicable(const Sensors& sensors) const {
  return faults::not_applicable(inside_->fault, Bench(sensors).context());
}

void inject(std::span<float> samples, const Fault& fault, const Sensors& sensors,
            const Realization& realization) {
  const Bench bench(sensors);
  faults::inject(fault.inside().fault, realization.severity, bench.context(realization.seed),
                 {samples, realization.recording});
}

std::vector<std::uint8_t> inject_marked(std::span<float> samples, const Fault& fault,
                                        const Sensors& sensors, const Realization& realization) {
  const Bench bench(sensors);
  const faults::Context context = bench.context(realization.seed);
  const std::size_t channels = sensors.channels.size();
  if (channels == 0 || samples.size() % channels != 0) {
    fail(ErrorCode::bad_input, "{} values to break, expected a multiple of {} channels",
         samples.size(), channels);
  }
  std::vector<std::uint8_t> marks(samples.size(), 0);
  const std::vector<faults::Step> steps =
      faults::steps(fault.inside().fault, realization.severity, context);
  faults::Injector injector(steps, context, realization.recording,
                            static_cast<std::int64_t>(samples.size() / channels));
  injector.observe([&](std::size_t, const faults::Frames& before, const faults::Frames& after) {
    mark(before, after, channels, marks);
  });
  const std::vector<float> begin = injector.push(samples);
  const std::vector<float> rest = injector.finish();
  std::ranges::copy(rest, std::ranges::copy(begin, samples.begin()).out);
  return marks;
}

}  // namespace edgeproof
