#pragma once

// A file of signals that is read in pieces, changed and written again in constant memory: what
// `edgeproof inject` works on. CSV (csv_stream.h) and NPZ (npz_stream.h); "-" is standard input or
// output.
//
//   for (recording = 0; stream->next_recording(); ++recording)
//     while (frames = stream->read(), !frames.empty()) stream->write(changed(frames));
//   stream->finish();
//
// write() takes the frames that read() gave, changed, in the same order and number, in any pieces
// and as late as need be. What was not changed is written as it was, in bits or in its very words.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

struct StreamOptions {
  std::filesystem::path input;
  std::filesystem::path output;  // empty: only read
  double rate_hz = 0;            // 0: from the time column, or unknown
  // CSV: the column of times in seconds; if empty, one named time, t, time_s or timestamp, if there
  // is one.
  std::string time_column;
  std::vector<std::string> ignore;  // CSV: columns that are no signals
  char separator = ',';
  std::string array = "x";         // NPZ: windows [N, L, C] or a stream [T, C]
  std::vector<std::string> names;  // NPZ: of the channels; if empty: ch0, ch1, ...
};

class SignalStream {
 public:
  virtual ~SignalStream() = default;

  virtual const std::vector<std::string>& channels() const = 0;
  virtual double rate_hz() const = 0;  // 0: unknown
  // Length of the next recording in samples, if the file says it.
  virtual std::optional<std::int64_t> length() const { return std::nullopt; }

  // Goes to the next recording, false after the last one. A CSV file is one; each window is one.
  virtual bool next_recording() = 0;
  // The next frames of the recording, [n, channels], NaN where missing; none at its end.
  virtual std::vector<float> read() = 0;
  virtual void write(std::span<const float> frames) = 0;
  // Completes the output; without it none is left behind.
  virtual void finish() = 0;
};

// Errors: io, bad_input with file and line or array.
std::unique_ptr<SignalStream> open_csv_stream(const StreamOptions& options);
std::unique_ptr<SignalStream> open_npz_stream(const StreamOptions& options);

}  // namespace edgeproof::signal
