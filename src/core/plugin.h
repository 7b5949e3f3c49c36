#pragma once

// Parts of the program that are loaded when they are first needed, because what they stand on is
// large, or is not installed everywhere: LibTorch, Open MPI, libcurl, libmatio with HDF5.
//
// A plug-in is edgeproof-NAME.so with one function, edgeproof_plugin(), that hands over a table of
// functions. It has its own copies of our modules and hides them; only the standard library's
// types, our plain structs and Error pass between it and the program, which must be of one build.

#include <string_view>

#include "edgeproof/visibility.h"

namespace edgeproof {

struct PluginName {
  std::string_view name;      // "train": the file is edgeproof-train.so
  std::string_view purpose;   // begins the message when it is not there: "training networks"
  std::string_view packages;  // Debian's, that have what it stands on: "libtorch-dev"
};

// The program's state that a plug-in must share.
struct Host {
  std::string_view version;
  const void* interrupt_flag;
};

// In the program: opens the plug-in, and gives its table of functions. Files are looked for in the
// folder EDGEPROOF_PLUGINS of the environment, else in ../lib/edgeproof and
// ../lib/TRIPLET/edgeproof beside the program, and where a build tree has them. Error unsupported,
// which says what to install, if there is none that can be loaded. Thread-safe.
const void* load_plugin(const PluginName& plugin);

// The same, loaded on the first call and kept: of each type of table there is one plug-in.
template <typename Table>
const Table& plugin_table(const PluginName& plugin) {
  static const void* const table = load_plugin(plugin);
  return *static_cast<const Table*>(table);
}

// In the plug-in: `table`, or null if the program is of another version.
const void* join_host(const Host& host, const void* table);

}  // namespace edgeproof

// What every plug-in defines.
extern "C" EDGEPROOF_PUBLIC const void* edgeproof_plugin(const edgeproof::Host& host);
