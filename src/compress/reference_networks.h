#pragma once

// The networks that speed is measured on, with random weights: time does not depend on them.

#include <span>
#include <string>

#include "graph/graph.h"

namespace edgeproof::compress {

// "r1": cnn on 128 x 9, 6 classes; "r2": ds_cnn on the same; "r3": wdcnn on 2048 x 1, 10 classes
// (graph/zoo.h); "resnet1d", "tcn" and "inception": those on 128 x 9, 6 classes. Folded, weights of
// He's size; int8 is calibrated on normal noise. The same bits every time. Error bad_config for
// another name.
graph::Graph reference_network(const std::string& name, bool int8);
std::span<const std::string> reference_networks();

}  // namespace edgeproof::compress
