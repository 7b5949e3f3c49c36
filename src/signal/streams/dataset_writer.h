#pragma once

// Data sets as files that other programs read: windows or streams as .npz (NumPy's), streams as
// CSV. Missing samples are NaN, in CSV empty cells. Written piece by piece.
//
//   windows  x [N, L, C] float32, y [N], groups [N], part [N] ("train", "validation", "test")
//   stream   x [T, C] float32, y [T], groups [T], recordings [T]: one recording after the other
//   CSV      time in seconds, the channels, label, group; between recordings the time leaps by an
//            hour, which read_csv takes as the beginning of another one
//
// y, groups, part and recordings are texts; a sample without a label has an empty one. read_npz and
// read_csv read them back.

#include <filesystem>

#include "signal/dataset.h"

namespace edgeproof::signal {

// In the order training, validation, test; without `part` if the data set has no split.
void write_windows(const Dataset& dataset, bool split, const std::filesystem::path& npz);

// Errors unsupported: data that comes cut into windows, and events, which neither format has.
void write_stream_npz(const RecordingSet& source, const std::filesystem::path& npz);
void write_stream_csv(const RecordingSet& source, const std::filesystem::path& csv);

}  // namespace edgeproof::signal
