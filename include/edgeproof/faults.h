#pragma once

// Sensor faults: what a broken sensor would have delivered instead of these samples.
//
//   const edgeproof::Fault fault("drift + missing_burst(p=0.2)");
//   edgeproof::inject(samples, fault, sensors, {.severity = 3, .seed = 7, .recording = 12});
//
// The faults and their draws are defined, to the word, in docs/faults.md. A draw is a pure function
// of (seed, fault, recording, channel, sample): the same samples come out whatever the thread, the
// order or the batch, and severities 1 to 5 scale or threshold the same draws. A missing sample is
// NaN. Everything is a value or a pure function, and thread-safe.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edgeproof/sensors.h"
#include "edgeproof/visibility.h"

namespace edgeproof {

// A number that a fault takes by name.
struct FaultParameter {
  std::string name = {};
  std::string unit = {};
  double min = 0;
  double max = 0;
  bool whole = false;               // a whole number
  std::vector<double> values = {};  // at severity 1 to 5; one alone: severity leaves it
};

struct FaultInfo {
  std::string name = {};
  std::string summary = {};  // what becomes of a sample x
  // The first is the one that severity sets. None for a composition, whose parts are in the
  // summary.
  std::vector<FaultParameter> parameters = {};
  bool needs_statistics = false;  // mean or sd of the channels
};

// All faults by name, in the order of docs/faults.md.
EDGEPROOF_PUBLIC std::vector<FaultInfo> list_faults();

// One fault, or several in order, as people write them:
//
//   drift                            at whichever severity inject() is given
//   drift(severity=3)                always at that one
//   drift(sd=1.5)                    always at that value of its parameter
//   drift(sd=0.1|0.2|0.4)            severities 1, 2, 3 of its own
//   hum(sd=1, hz=50)                 other parameters by name
//   drift + missing_burst(p=0.2)     composed: the second acts on what the first has made
//   winter: drift + bias(sd=1)       with a name
//   bias(sd=2) on ax, ay from 10 to 15    on these channels, seconds 10 to 15 of each recording
//
// Immutable and cheap to copy.
class EDGEPROOF_PUBLIC Fault {
 public:
  // Error bad_config, quoting the text, for an unknown fault or parameter (with a suggestion), a
  // value out of range, or anything not of the forms above.
  explicit Fault(std::string_view expression);

  const std::string& name() const;
  std::string summary() const;
  int severities() const;  // 5, those of its own lists, or 1 if it is the same at all

  // Why it cannot act on these sensors, such as a rotation without a triad; nothing if it can.
  // Error bad_config for a channel that it names and there is not.
  std::optional<std::string> not_applicable(const Sensors& sensors) const;

  // For the library's own files.
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::shared_ptr<const Inside> inside_;
};

struct Realization {
  int severity = 3;             // 0: nothing happens
  std::uint64_t seed = 1;       // another seed is another realization
  std::uint32_t recording = 0;  // number of the recording: others have other draws
};

// Turns `samples`, one recording [samples, channels] of physical values, into faulty ones, in
// place. Error bad_config for a severity that the fault does not have, a value out of range,
// statistics or a rate that it needs and there are not; unsupported for a fault that is not
// applicable; bad_input for a part of a sample, or sensors that do not fit themselves. On an error
// nothing is changed.
EDGEPROOF_PUBLIC void inject(std::span<float> samples, const Fault& fault, const Sensors& sensors,
                             const Realization& realization = {});

// The same, and for every value, [samples, channels], whether any part of the fault changed its
// bits: 1, else 0.
EDGEPROOF_PUBLIC std::vector<std::uint8_t> inject_marked(std::span<float> samples,
                                                         const Fault& fault, const Sensors& sensors,
                                                         const Realization& realization = {});

}  // namespace edgeproof
