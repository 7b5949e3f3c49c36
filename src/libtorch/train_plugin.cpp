// The plug-in `train` (core/plugin.h).

#include "core/plugin.h"

#include "libtorch/taylor.h"
#include "libtorch/trainer.h"

const void* edgeproof_plugin(const edgeproof::Host& host) {
  static constexpr edgeproof::train::Backend kBackend = {
      .run_training = edgeproof::libtorch::run_training,
      .predict = edgeproof::libtorch::predict_labels,
      .score = edgeproof::libtorch::taylor_scores};
  return edgeproof::join_host(host, &kBackend);
}
