// Test: model_evaluation_test.cpp, robustness_test.cpp.

#include "engine/scored_windows.h"

namespace edgeproof::engine {

ScoredWindows score_windows(const runtime::Plan& plan, const signal::WindowSet& windows,
                            experiment::Labels truth, int threads) {
  ScoredWindows scored;
  scored.run = runtime::evaluate(plan, windows.values, windows.count, threads);
  const int classes = scored.run.classes;
  scored.predicted = experiment::argmax(scored.run.logits, classes);
  scored.confusion = experiment::confusion_matrix(truth, scored.predicted, classes);
  for (int c = 0; c < classes; ++c) {
    scored.correct += scored.confusion[static_cast<std::size_t>(c) * (classes + 1)];
  }
  scored.macro_f1 = experiment::macro_f1(scored.confusion, classes);
  return scored;
}

}  // namespace edgeproof::engine
