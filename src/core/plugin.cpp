#include "core/plugin.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "edgeproof/version.h"

namespace edgeproof {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> plugin_folders() {
  if (const char* given = std::getenv("EDGEPROOF_PLUGINS")) return {given};
  std::error_code none;
  const fs::path beside = fs::read_symlink("/proc/self/exe", none).parent_path();
  std::vector<fs::path> folders;
  // The last is a build tree's, whose programs are in src/MODULE.
  for (const char* folder :
       {"../lib/edgeproof", "../" EDGEPROOF_LIBRARY_FOLDER "/edgeproof", "../../lib/edgeproof"}) {
    folders.push_back((beside / folder).lexically_normal());
  }
  return folders;
}

}  // namespace

const void* load_plugin(const PluginName& plugin) {
  const std::string file = fmt::format("edgeproof-{}.so", plugin.name);
  for (const fs::path& folder : plugin_folders()) {
    const fs::path path = folder / file;
    if (!fs::exists(path)) continue;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      fail(ErrorCode::unsupported, "{} needs {}, which cannot be loaded: {}; install {}",
           plugin.purpose, file, dlerror(), plugin.packages);
    }
    const auto entry =
        reinterpret_cast<decltype(&edgeproof_plugin)>(dlsym(library, "edgeproof_plugin"));
    const Host host{.version = EDGEPROOF_VERSION, .interrupt_flag = interrupt_flag()};
    const void* table = entry == nullptr ? nullptr : entry(host);
    if (table == nullptr) {
      fail(ErrorCode::unsupported,
           "{} needs {}, but that file is not of edgeproof " EDGEPROOF_VERSION
           "; install program and plug-ins of one version",
           plugin.purpose, path.string());
    }
    return table;
  }
  fail(ErrorCode::unsupported,
       "{} needs {}, which is not installed: install the package edgeproof-{}, or build edgeproof "
       "where {} is installed",
       plugin.purpose, file, plugin.name, plugin.packages);
}

const void* join_host(const Host& host, const void* table) {
  if (host.version != EDGEPROOF_VERSION) return nullptr;
  share_interrupt_flag(host.interrupt_flag);
  return table;
}

}  // namespace edgeproof
