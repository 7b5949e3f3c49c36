#pragma once

// The .ts format of the UCR and UEA archives, as the "sktime" project describes it: '#' comments,
// '@' header lines, and after @data one case a line: its channels separated by ':', the values of a
// channel by ',', the class last.

#include "signal/readers/cases.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

// Errors name file and line. Unsupported are values with timestamps, and series without classes.
RecordingSet read_ts(const CaseOptions& options);

// Its entry in registry.cpp.
Source ts_source();

}  // namespace edgeproof::signal
