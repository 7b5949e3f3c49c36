#pragma once

// What a first pass over a file of signals finds out, before a second one changes it; and the same
// statistics from a table, for streams that can be read only once.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signal/pipeline.h"
#include "signal/streams/stream.h"

namespace edgeproof::signal {

struct Survey {
  // Of each channel over all recordings, without missing samples. A constant channel has sd 1, as
  // in training_statistics().
  Statistics statistics;
  std::int64_t length = 0;  // samples of the last recording
};

// Reads the stream to its end. `source_name` opens messages. Error bad_input for a channel without
// values, and as read().
Survey survey_stream(SignalStream& stream, const std::string& source_name);

// A CSV table channel,mean,sd with a row for each of `channels`, in any order; other rows are left
// alone. Error bad_input, naming the file, for other columns, a channel without a row, a mean that
// is not finite, or an sd that is not above 0; errors as CsvRecords.
Statistics read_statistics(const std::filesystem::path& path,
                           const std::vector<std::string>& channels);

}  // namespace edgeproof::signal
