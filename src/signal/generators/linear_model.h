#pragma once

// For tests: the best that a linear model of the raw window can do, to show that a data set needs a
// network.
//
// Least squares on one-hot targets over z-scored flattened windows, by conjugate gradients on the
// normal equations; the number of steps is its regularization. Defined and tested in
// linear_model_test.cpp.

#include <vector>

#include "signal/dataset.h"

namespace edgeproof::signal {

struct WindowTable {
  std::vector<std::vector<float>> rows;  // one window each, flattened, with a 1 at the end
  std::vector<int> labels;
};

// Windows of one label from the recordings whose group lies in [first_group, end_group).
WindowTable cut(const RecordingSet& set, int length, int hop, int first_group, int end_group);

struct LinearScore {
  double train = 0, test = 0;  // accuracies
};
LinearScore linear_accuracy(WindowTable train, WindowTable test, int channels, int classes,
                            int steps);

}  // namespace edgeproof::signal
