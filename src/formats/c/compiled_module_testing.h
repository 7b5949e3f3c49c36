#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

#include "core/files.h"
#include "core/temp_folder.h"

namespace edgeproof::formats {

// A folder with the module, compiled; removed afterwards.
class CompiledModule {
 public:
  CompiledModule(const std::map<std::string, std::string>& files, const std::string& main,
                 const std::string& options = "-O1") {
    for (const auto& [name, text] : files) write_file(folder_ / name, text);
    write_file(folder_ / "main.c", main);
    compiled_ = std::system(fmt::format("cd {} && cc -std=c99 {} -Wall -Wextra -Wpedantic "
                                        "-Wconversion -Werror -fsanitize=address,undefined "
                                        "-fno-sanitize-recover=all model.c main.c -o model",
                                        folder_.path().string(), options)
                                .c_str()) == 0;
  }
  bool compiled() const { return compiled_; }
  // Of the object's variables, by the kinds of nm(1): "r" for constants, "b" for zeroed memory.
  std::size_t bytes_of(const std::string& kind) const {
    const std::string command = fmt::format(
        "cd {} && cc -std=c99 -O0 -c model.c -o model.o && nm -S model.o | "
        "awk '$3 == \"{}\" {{ print $2 }}' >sizes",
        folder_.path().string(), kind);
    if (std::system(command.c_str()) != 0) return 0;
    std::istringstream sizes(read_file(folder_ / "sizes"));
    std::size_t all = 0;
    for (std::string size; sizes >> size;) all += std::stoul(size, nullptr, 16);
    return all;
  }
  std::string run(const std::string& input) const {
    write_file(folder_ / "in", input);
    const int status =
        std::system(fmt::format("cd {} && ./model <in >out", folder_.path().string()).c_str());
    return status == 0 ? read_file(folder_ / "out") : "failed";
  }

 private:
  TempFolder folder_;
  bool compiled_ = false;
};

}  // namespace edgeproof::formats
