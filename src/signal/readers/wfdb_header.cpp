// Fields are separated by blanks; what is left out at a line's end has the default that header(5)
// gives. Test: wfdb_test.cpp.

#include "signal/readers/wfdb_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/lines.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kMaxSignals = 256;
constexpr std::array kFormats{212, 16, 80};

// A line, field by field.
class Fields {
 public:
  Fields(std::string_view line, std::string place) : rest_(trim(line)), place_(std::move(place)) {}

  bool empty() const { return rest_.empty(); }
  const std::string& place() const { return place_; }

  std::string_view next() {
    const std::string_view field = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_ = trim(rest_.substr(field.size()));
    return field;
  }

  std::string_view rest() const { return rest_; }

  [[noreturn]] void fail_field(std::string_view what, std::string_view found,
                               std::string_view expected) const {
    fail(ErrorCode::bad_input, "{}: the {} is '{}', expected {}", place_, what, found, expected);
  }

  long long integer(std::string_view text, const char* what, long long min, long long max) const {
    const auto value = parse_integer(text);
    if (!value || *value < min || *value > max) {
      fail_field(what, text, fmt::format("an integer from {} to {}", min, max));
    }
    return *value;
  }

  double positive(std::string_view text, const char* what) const {
    const auto value = parse_number(text);
    if (!value || !std::isfinite(*value) || *value <= 0) {
      fail_field(what, text, "a positive number");
    }
    return *value;
  }

 private:
  std::string_view rest_;
  std::string place_;
};

constexpr long long kMaxInt = std::numeric_limits<std::int32_t>::max();

// The number of signals; the rest goes into `header`.
std::size_t parse_record_line(Fields& line, WfdbHeader& header) {
  const std::string_view name = line.next();
  if (name.find('/') != std::string_view::npos) {
    fail(ErrorCode::unsupported, "{}: record '{}' has several segments, which are not read",
         line.place(), name);
  }
  const auto signals =
      static_cast<std::size_t>(line.integer(line.next(), "number of signals", 0, kMaxSignals));
  if (signals == 0) fail(ErrorCode::unsupported, "{}: a record without signals", line.place());
  if (!line.empty()) {
    const std::string_view rate = line.next();  // RATE[/COUNTER_RATE[(BASE)]]
    header.rate_hz = line.positive(rate.substr(0, rate.find('/')), "sampling rate");
  }
  if (!line.empty()) header.length = line.integer(line.next(), "number of samples", 0, kMaxInt);
  return signals;
}

// FORMAT[xSAMPLES][:SKEW][+BYTES]
void parse_format(std::string_view text, const Fields& line, WfdbSignal& signal) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  signal.format = static_cast<int>(line.integer(text.substr(0, end), "format", 0, 100000));
  if (std::ranges::find(kFormats, signal.format) == kFormats.end()) {
    fail(ErrorCode::unsupported, "{}: signals in format {} are not read, only {}", line.place(),
         signal.format, fmt::join(kFormats, ", "));
  }
  for (text.remove_prefix(end); !text.empty();) {
    const char kind = text.front();
    if (kind != 'x' && kind != ':' && kind != '+') {
      line.fail_field("format's suffix", text, "xSAMPLES, :SKEW or +BYTES");
    }
    const std::string_view number = text.substr(1, text.find_first_of("x:+", 1) - 1);
    text.remove_prefix(1 + number.size());
    const long long value = line.integer(number, "format's suffix", 0, kMaxInt);
    if (kind == '+') {
      signal.bytes_before = value;
    } else if (kind == 'x' && value != 1) {
      fail(ErrorCode::unsupported, "{}: signals with {} samples a frame are not read", line.place(),
           value);
    } else if (kind == ':' && value != 0) {
      fail(ErrorCode::unsupported, "{}: signals with a skew are not read", line.place());
    }
  }
}

// GAIN[(BASELINE)][/UNIT]. Whether a baseline is given.
bool parse_gain(std::string_view text, const Fields& line, WfdbSignal& signal) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) signal.unit = text.substr(slash + 1);
  text = text.substr(0, slash);
  const std::size_t open = text.find('(');
  const bool has_baseline = open != std::string_view::npos;
  if (has_baseline) {
    if (!text.ends_with(')')) line.fail_field("gain", text, "GAIN(BASELINE)/UNIT");
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    signal.baseline = static_cast<int>(line.integer(inside, "baseline", -kMaxInt, kMaxInt));
  }
  const std::string_view gain = text.substr(0, open);
  // Zero means that nobody has calibrated; the library's 200 stays.
  if (parse_number(gain) != 0.0) signal.gain = line.positive(gain, "gain");
  return has_baseline;
}

WfdbSignal parse_signal_line(Fields& line) {
  WfdbSignal signal;
  signal.file = line.next();
  const bool is_name = signal.file.find_first_of("/\\") == std::string::npos &&
                       signal.file != "." && signal.file != ".." && signal.file != "-" &&
                       signal.file != "~";
  if (!is_name) line.fail_field("signal file", signal.file, "the name of a file beside the header");
  if (line.empty()) fail(ErrorCode::bad_input, "{}: no format after the file name", line.place());
  parse_format(line.next(), line, signal);
  const bool has_baseline = !line.empty() && parse_gain(line.next(), line, signal);
  if (!line.empty()) line.integer(line.next(), "ADC resolution", 0, 64);
  int zero = 0;
  if (!line.empty())
    zero = static_cast<int>(line.integer(line.next(), "ADC zero", -kMaxInt, kMaxInt));
  if (!has_baseline) signal.baseline = zero;
  if (!line.empty()) {
    signal.first = static_cast<int>(line.integer(line.next(), "first value", -kMaxInt, kMaxInt));
  }
  if (!line.empty()) signal.checksum = line.integer(line.next(), "checksum", -65536, 65535);
  if (!line.empty()) line.integer(line.next(), "block size", 0, kMaxInt);
  signal.name = line.rest();
  return signal;
}

}  // namespace

WfdbHeader parse_wfdb_header(std::string_view text, const std::string& place) {
  WfdbHeader header;
  std::size_t signals = 0;
  for_each_line(text, [&](std::string_view line, int number) {
    if (trim(line).empty() || trim(line).front() == '#') return;
    Fields fields(line, fmt::format("{}, line {}", place, number));
    if (signals == 0) {
      signals = parse_record_line(fields, header);
    } else if (header.signals.size() == signals) {
      fail(ErrorCode::bad_input, "{}: a further signal, but the record line says {}",
           fields.place(), signals);
    } else {
      header.signals.push_back(parse_signal_line(fields));
    }
  });
  if (signals == 0) fail(ErrorCode::bad_input, "{}: no record line", place);
  if (header.signals.size() != signals) {
    fail(ErrorCode::bad_input, "{}: {} signals, but the record line says {}", place,
         header.signals.size(), signals);
  }
  return header;
}

}  // namespace edgeproof::signal
