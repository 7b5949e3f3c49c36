#pragma once

// What a model costs on a microcontroller: its C module (formats/c/export.h) is compiled for the
// processor, linked into a bare-metal image (measure/) and run under QEMU, where a plugin counts.
//
// Instructions are exact and repeatable; they are not cycles: wait states, caches, dual issue and
// stalls are not emulated.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::targets {

struct DeviceLayer {
  std::string name;  // of the module's function; "input" copies a window
  std::int64_t instructions = 0;
};

struct DeviceMeasurement {
  std::string target;
  // Cost of one inference, from the quantized window in the arena; or of a hop, from its samples.
  std::int64_t instructions = 0;
  std::int64_t macs = 0;    // multiply-accumulates of the same
  std::int64_t cycles = 0;  // estimated from instructions; 0 where there is no estimate
  std::vector<DeviceLayer> layers;
  std::int64_t code_bytes = 0;   // flash: the module's instructions
  std::int64_t table_bytes = 0;  // flash: weights and constants
  std::int64_t arena_bytes = 0;  // RAM: all activations and scratch memory
  std::int64_t stack_bytes = 0;  // RAM: deepest stack of an inference

  std::int64_t flash_bytes() const { return code_bytes + table_bytes; }
  std::int64_t ram_bytes() const { return arena_bytes + stack_bytes; }
};

// "cortex-m0", "cortex-m3", …
std::span<const std::string> device_targets();

// Error bad_config for an unknown target; unsupported, naming the Debian package, for a tool that
// is not installed.
void check_device(const std::string& target);

// `graph` is int8. Every output of the device is compared with the host runtime's. Errors of
// check_device(); unsupported if the image does not run or gives other outputs. With a hop, in
// samples, the module streams and a hop is measured; errors as of formats::to_c().
DeviceMeasurement measure_on_device(const graph::Graph& graph, const std::string& target,
                                    int hop = 0);

}  // namespace edgeproof::targets
