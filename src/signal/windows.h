#pragma once

// From recordings to a data set: windows, their labels, and the split into training, validation and
// test.
//
// Windows start at 0, hop, 2 hop, ... within each recording. A window's label is the one that more
// than half of its samples, and at least the share `purity`, agree on; a window without such a
// label, or whose label is "none", is left out. A data set that comes cut keeps its windows: one a
// recording.
//
// In a data set with events, a window surrounds each labelled event instead, has its label, and
// begins event_offset samples before it; windows that reach beyond the recording are left out, and
// neither hop nor purity matters.
//
// Splits are by whole groups and depend on the group names' order and the seed alone. An official
// split is taken as its authors made it; only the validation part is then drawn, from the training
// groups.

#include <cstdint>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "signal/split.h"

namespace edgeproof::signal {

struct WindowOptions {
  int length = 0;  // samples; 0 for a data set that comes cut
  int hop = 0;     // samples; 0 means length: no overlap
  double purity = 0.5;
  int event_offset = -1;  // samples, 0 to length - 1; -1: half the length
};

// Errors: bad_config for options that the data cannot satisfy (unknown groups, too few of them, a
// window longer than every recording), bad_input for data without labelled windows or with one
// class only.
Dataset make_dataset(RecordingSet source, const WindowOptions& windows, const SplitOptions& split);

// Puts all windows into `train`, without a split: for looking at data, not for training on it.
Dataset cut_dataset(RecordingSet source, const WindowOptions& windows);

}  // namespace edgeproof::signal
