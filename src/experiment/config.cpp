#include "experiment/config.h"

namespace edgeproof::experiment {

Config::Config() {
  variants.assign(variant_names().begin(), variant_names().end());
  train.epochs = 0;
  train.batch_size = 0;
}

}  // namespace edgeproof::experiment
