// Test: push_test.cpp compares with the host's pipeline, window by window.

#include "formats/c/push.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "formats/c/prelude.h"
#include "formats/c/push_parts.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kMostLookAhead = 1 << 16;
constexpr std::size_t kMostExceptions = 4096;

struct Sensor {
  std::int64_t factor = 0, offset = 0;
  std::size_t first_exception = 0, exceptions = 0;
};

struct Exceptions {
  std::vector<std::int16_t> counts;
  std::vector<std::int8_t> levels;
};

std::int8_t level(const Sensor& s, int count) {
  const std::int64_t y = (count * s.factor + s.offset) >> 32;
  return static_cast<std::int8_t>(std::clamp<std::int64_t>(y, -128, 127));
}

Sensor affine(const Deployment& deployment, graph::Quantization q, std::size_t channel,
              double units) {
  const signal::Statistics& statistics = deployment.pipeline.statistics;
  const double step = double{statistics.sd[channel]} * q.scale;
  const double slope = units / step;
  const double offset = 0.5 + q.zero_point - statistics.mean[channel] / step;
  if (!(slope < 1 << 14) || !(std::abs(offset) < 1 << 29)) {
    fail(ErrorCode::unsupported,
         "channel '{}': a count is {} levels and the mean {} of them from zero, expected less than "
         "2^14 and 2^29; is units_per_count right?",
         deployment.channels[channel].name, slope, std::abs(offset));
  }
  return {std::llround(std::ldexp(slope, 32)), std::llround(std::ldexp(offset, 32)), 0, 0};
}

// What the host makes of every count, [count + kLargestCount][channel].
std::vector<float> host_values(const signal::Pipeline& pipeline, const std::vector<double>& units) {
  std::vector<float> samples;
  for (int count = -kLargestCount; count <= kLargestCount; ++count) {
    for (const double unit : units) samples.push_back(static_cast<float>(count * unit));
  }
  return signal::prepare_recording(pipeline, samples);
}

std::vector<Sensor> sensors(const Deployment& deployment, graph::Quantization q,
                            const std::vector<double>& units, Exceptions& exceptions) {
  const std::vector<float> values = host_values(deployment.pipeline, units);
  const auto row = static_cast<std::size_t>(deployment.pipeline.input_channels());
  std::vector<Sensor> all;
  for (std::size_t c = 0; c < units.size(); ++c) {
    Sensor sensor = affine(deployment, q, c, units[c]);
    sensor.first_exception = exceptions.counts.size();
    for (int count = -kLargestCount; count <= kLargestCount; ++count) {
      const float z = values[static_cast<std::size_t>(count + kLargestCount) * row + c];
      const std::int8_t host = quantize_to_int8(z, q.scale, q.zero_point);
      if (host == level(sensor, count)) continue;
      exceptions.counts.push_back(static_cast<std::int16_t>(count));
      exceptions.levels.push_back(host);
    }
    sensor.exceptions = exceptions.counts.size() - sensor.first_exception;
    all.push_back(sensor);
  }
  if (exceptions.counts.size() > kMostExceptions) {
    fail(ErrorCode::unsupported,
         "single precision is too coarse for this sensor: {} counts are not where exact arithmetic "
         "has them, expected at most {}",
         exceptions.counts.size(), kMostExceptions);
  }
  return all;
}

// Everything but letters, digits and spaces as octal escapes.
std::string c_string(std::string_view text) {
  std::string literal = "\"";
  for (const char letter : text) {
    const std::string safe = safe_name(std::string_view(&letter, 1));
    if (letter == ' ' || (safe[0] == letter && letter != 0)) {
      literal += letter;
    } else {
      literal += fmt::format("\\{:03o}", static_cast<unsigned char>(letter));
    }
  }
  return literal + "\"";
}

Tables tables(const std::vector<Sensor>& sensors, Exceptions exceptions,
              const std::vector<std::string>& labels) {
  if (exceptions.counts.empty()) {
    exceptions.counts.push_back(0);
    exceptions.levels.push_back(0);
  }
  Tables all{
      "\n/* level = (count * factor + offset) / 2^32, but for exceptions. */\n"
      "typedef struct {\n  int64_t factor, offset;\n  int first, exceptions;\n} ep_sensor;\n"};
  all = all + table<std::int16_t>("int16_t", "ep_exception_counts", exceptions.counts) +
        table<std::int8_t>("int8_t", "ep_exception_levels", exceptions.levels);
  std::string text = fmt::format("static const ep_sensor ep_sensors[{}] = {{\n", sensors.size());
  for (const Sensor& s : sensors) {
    text += fmt::format("  {{INT64_C({}), INT64_C({}), {}, {}}},\n", s.factor, s.offset,
                        s.first_exception, s.exceptions);
  }
  text += "};\n\nconst char *const ep_labels[EP_OUTPUT_SIZE] = {\n";
  std::size_t bytes = 24 * sensors.size();
  for (const std::string& label : labels) {
    text += "  " + c_string(label) + ",\n";
    bytes += 4 + label.size() + 1;  // a pointer of 32 bits, and what it points at
  }
  return all + Tables{text + "};\n", bytes};
}

// One for each sensor.
std::vector<double> expect_units(std::vector<double> units, std::size_t sensors) {
  if (units.size() == 1) units.assign(sensors, units[0]);
  if (units.size() != sensors ||
      !std::ranges::all_of(units, [](double u) { return u > 0 && std::isfinite(u); })) {
    fail(ErrorCode::bad_config,
         "units per count: expected one positive number, or {}, one for each sensor channel",
         sensors);
  }
  return units;
}

void expect_look_ahead(const signal::Pipeline& pipeline, int samples) {
  if (samples < 0 || samples > kMostLookAhead) {
    fail(ErrorCode::bad_config, "look-ahead of {} samples, expected 0 to {}", samples,
         kMostLookAhead);
  }
  if (samples > 0 && pipeline.imputation != signal::Imputation::linear) {
    fail(ErrorCode::bad_config, "look-ahead: imputation '{}' needs none, expected 'linear'",
         signal::imputation_name(pipeline.imputation));
  }
}

std::string header(const Deployment& deployment, int look_ahead) {
  constexpr std::string_view kLinear =
      "\n   A label comes EP_LOOK_AHEAD samples after its window: gaps that have not ended by then "
      "hold the"
      "\n   last sample, as at the end of a recording.";
  const bool linear = deployment.pipeline.imputation == signal::Imputation::linear;
  return fmt::format(R"(
/* The stream: a count of each sensor channel, in this order, {:.9g} times a second. */
#define EP_SENSORS {}
#define EP_HOP {}
#define EP_LOOK_AHEAD {}
#define EP_MISSING (-32768)
extern const char *const ep_labels[EP_OUTPUT_SIZE];

/* One sample of all sensors, EP_MISSING where there is none. When a window is complete: the index
   of its label, and the levels of all scores; otherwise -1. Count times units is the physical value;
   imputation, z-score and quantization are the training pipeline's.{} */
int ep_push(const int16_t *counts, int8_t *scores);

/* Forgets all samples. */
void ep_reset(void);
)",
                     deployment.rate_hz, deployment.pipeline.statistics.mean.size(), deployment.hop,
                     look_ahead, linear ? kLinear : "");
}

}  // namespace

PushCode push_code(const Module& module, const Deployment& deployment,
                   const std::vector<double>& units_per_count, int look_ahead) {
  const std::size_t count = deployment.pipeline.statistics.mean.size();
  const std::vector<double> units = expect_units(units_per_count, count);
  expect_look_ahead(deployment.pipeline, look_ahead);
  const graph::Quantization q = *module.graph.nodes.front().quantization;
  const auto level = [&](float z) { return int{quantize_to_int8(z, q.scale, q.zero_point)}; };
  const signal::Imputation imputation = deployment.pipeline.imputation;
  const bool linear = imputation == signal::Imputation::linear, streams = module.hop > 0;
  if (linear && streams) {
    fail(ErrorCode::unsupported,
         "streaming: imputation 'linear' rewrites samples that earlier windows have seen, expected "
         "'hold', 'mean' or 'mask'");
  }
  const graph::Shape in = module.graph.input_shape();
  const bool history = (deployment.hop < in.length || linear) && !streams;
  Exceptions exceptions;
  const std::vector<Sensor> all = sensors(deployment, q, units, exceptions);
  const Tables constants = tables(all, exceptions, deployment.labels);
  const Tables reals = linear ? linear_tables(deployment, q, units) : Tables{};
  PushCode code;
  code.header = header(deployment, look_ahead);
  code.source = fmt::format(
      "\n#define EP_LINEAR {}\n#define EP_HOLD {}\n#define EP_HISTORY {}\n#define EP_STREAM {}\n"
      "#define EP_MEAN_LEVEL {}\n"
      "#define EP_MASK_LEVEL {}\n#define EP_NO_MASK_LEVEL {}\n",
      int{linear}, int{linear || imputation == signal::Imputation::hold}, int{history},
      int{streams}, level(0), level(1), level(0));
  code.source += constants.text;
  code.source += kPushLevel;
  if (linear) code.source.append(kPushReal).append(reals.text).append(kPushLinear);
  code.source += kPush;
  code.table_bytes = constants.bytes + reals.bytes;
  code.ram_bytes = count + 4;  // ep_last, ep_due
  if (history) {               // ep_history, ep_row
    code.ram_bytes += static_cast<std::size_t>(in.length + look_ahead) * in.channels + 4;
  }
  if (streams) {  // ep_fresh, ep_started
    code.ram_bytes += static_cast<std::size_t>(deployment.hop) * in.channels + 4;
  }
  if (linear) code.ram_bytes += 6 * count;  // ep_known, ep_gap
  return code;
}

}  // namespace edgeproof::formats::c
