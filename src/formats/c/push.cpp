// Test: push_test.cpp compares with the host's pipeline, window by window.

#include "formats/c/push.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "formats/c/text.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kLargestCount = 32767;  // -32768 says that a sample is missing
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

constexpr std::string_view kFunctions = R"(
static int8_t ep_level(const ep_sensor *sensor, int16_t count)
{
  int low = sensor->first, high = sensor->first + sensor->exceptions;
  int64_t level;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (ep_exception_counts[middle] == count) return ep_exception_levels[middle];
    if (ep_exception_counts[middle] < count) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  level = (count * sensor->factor + sensor->offset) >> 32;
  return (int8_t)(level > 127 ? 127 : level < -128 ? -128 : level);
}

#if EP_HOP < EP_INPUT_LENGTH
static int8_t ep_history[EP_INPUT_LENGTH * EP_INPUT_CHANNELS];
static int ep_row; /* the oldest */
#endif
static int8_t ep_last[EP_SENSORS];
static int ep_due; /* samples until a window is complete; 0: reset */

void ep_reset(void)
{
  ep_due = 0;
}

static void ep_put(int8_t *row, const int16_t *counts)
{
  int c, missing = 0;
  for (c = 0; c < EP_SENSORS; ++c) {
    if (counts[c] != EP_MISSING) {
      ep_last[c] = ep_level(ep_sensors + c, counts[c]);
    } else {
      missing = 1;
      if (!EP_HOLD) ep_last[c] = EP_MEAN_LEVEL;
    }
    if (row) row[c] = ep_last[c];
  }
  if (EP_INPUT_CHANNELS > EP_SENSORS && row) {
    row[EP_INPUT_CHANNELS - 1] = (int8_t)(missing ? EP_MASK_LEVEL : EP_NO_MASK_LEVEL);
  }
}

int ep_push(const int16_t *counts, int8_t *scores)
{
  int i, best = 0;
  if (ep_due == 0) {
    memset(ep_last, EP_MEAN_LEVEL, sizeof ep_last);
    ep_due = EP_INPUT_LENGTH;
#if EP_HOP < EP_INPUT_LENGTH
    ep_row = 0;
#endif
  }
#if EP_HOP < EP_INPUT_LENGTH
  ep_put(ep_history + ep_row * EP_INPUT_CHANNELS, counts);
  ep_row = ep_row + 1 == EP_INPUT_LENGTH ? 0 : ep_row + 1;
#else
  ep_put(ep_due > EP_INPUT_LENGTH
             ? (int8_t *)0
             : ep_input() + (EP_INPUT_LENGTH - ep_due) * EP_INPUT_CHANNELS,
         counts);
#endif
  if (--ep_due > 0) return -1;
  ep_due = EP_HOP;
#if EP_HOP < EP_INPUT_LENGTH
  {
    const size_t old = (size_t)(EP_INPUT_LENGTH - ep_row) * EP_INPUT_CHANNELS;
    memcpy(ep_input(), ep_history + ep_row * EP_INPUT_CHANNELS, old);
    memcpy(ep_input() + old, ep_history, sizeof ep_history - old);
  }
#endif
  ep_run(ep_input(), scores);
  for (i = 1; i < EP_OUTPUT_SIZE; ++i) {
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}
)";

}  // namespace

PushCode push_code(const Module& module, const Deployment& deployment,
                   std::vector<double> units_per_count) {
  const std::size_t count = deployment.pipeline.statistics.mean.size();
  if (units_per_count.size() == 1) units_per_count.assign(count, units_per_count[0]);
  if (units_per_count.size() != count ||
      !std::ranges::all_of(units_per_count, [](double u) { return u > 0 && std::isfinite(u); })) {
    fail(ErrorCode::bad_config,
         "units per count: expected one positive number, or {}, one for each sensor channel",
         count);
  }
  if (deployment.pipeline.imputation == signal::Imputation::linear) {
    fail(ErrorCode::unsupported,
         "imputation 'linear' looks ahead, which a device cannot do sample by sample; expected "
         "hold, mean or mask");
  }
  const graph::Quantization q = *module.graph.nodes.front().quantization;
  const auto level = [&](float z) { return int{quantize_to_int8(z, q.scale, q.zero_point)}; };
  Exceptions exceptions;
  const std::vector<Sensor> all = sensors(deployment, q, units_per_count, exceptions);
  PushCode code;
  code.source = fmt::format(
      "\n#define EP_HOLD {}\n#define EP_MEAN_LEVEL {}\n#define EP_MASK_LEVEL {}\n"
      "#define EP_NO_MASK_LEVEL {}\n",
      int{deployment.pipeline.imputation == signal::Imputation::hold}, level(0), level(1),
      level(0));
  const Tables constants = tables(all, exceptions, deployment.labels);
  code.source += constants.text;
  code.source += kFunctions;
  code.table_bytes = constants.bytes;
  const graph::Shape in = module.graph.input_shape();
  const bool overlaps = deployment.hop < in.length;  // ep_history, ep_row
  code.ram_bytes = count + 4 + (overlaps ? static_cast<std::size_t>(in.size()) + 4 : 0);
  code.header = fmt::format(R"(
/* The stream: a count of each sensor channel, in this order, {:.9g} times a second. */
#define EP_SENSORS {}
#define EP_HOP {}
#define EP_MISSING (-32768)
extern const char *const ep_labels[EP_OUTPUT_SIZE];

/* One sample of all sensors, EP_MISSING where there is none. When a window is complete: the index
   of its label, and the levels of all scores; otherwise -1. Count times units is the physical value;
   imputation, z-score and quantization are the training pipeline's. */
int ep_push(const int16_t *counts, int8_t *scores);

/* Forgets all samples. */
void ep_reset(void);
)",
                            deployment.rate_hz, count, deployment.hop);
  return code;
}

}  // namespace edgeproof::formats::c
