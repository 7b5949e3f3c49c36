#include "experiment/config.h"

namespace edgeproof::experiment {

Config::Config() {
  variants.assign(variant_names().begin(), variant_names().end());
  train.epochs = 20;
}

}  // namespace edgeproof::experiment
