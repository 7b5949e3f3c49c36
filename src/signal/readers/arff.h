#pragma once

// Weka's ARFF as the UCR and UEA archives use it: '%' comments, '@' header lines, and after @data
// one case a line. Univariate: numeric attributes, one a sample, and the nominal class last.
// Multivariate: one relational attribute, whose value is a quoted text of the channels, separated
// by "\n" (these two characters), and the class.

#include "signal/readers/cases.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

// Errors name file and line. Unsupported are sparse cases and other kinds of attributes.
RecordingSet read_arff(const CaseOptions& options);

// Its entry in registry.cpp.
Source arff_source();

}  // namespace edgeproof::signal
