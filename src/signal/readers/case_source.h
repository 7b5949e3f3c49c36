#pragma once

// The formats of labelled cases (ts.h, arff.h) as sources of data: their keys are the same.

#include <string>

#include "signal/readers/cases.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

// `name` is also how names of its files end. Of X_TRAIN.ts, the test part is X_TEST.ts beside it.
Source case_source(const std::string& name, const std::string& meaning,
                   RecordingSet (*read)(const CaseOptions& options));

}  // namespace edgeproof::signal
