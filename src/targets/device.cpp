// Test: device_test.cpp, where the cross-compilers and QEMU are installed.

#include "targets/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "core/text.h"
#include "formats/c/export.h"
#include "targets/device_cases.h"
#include "targets/measure_files.h"

namespace edgeproof::targets {
namespace {

// What a processor needs to be compiled for and emulated.
struct Family {
  const char* board;     // which files of measure/
  const char* compiler;  // prefix of the toolchain's programs
  const char* compiler_package;
  const char* emulator;
  const char* emulator_package;
};

constexpr Family kArm{"arm", "arm-none-eabi-", "gcc-arm-none-eabi", "qemu-system-arm",
                      "qemu-system-arm"};
constexpr Family kRiscV{"riscv", "riscv64-unknown-elf-", "gcc-riscv64-unknown-elf",
                        "qemu-system-riscv32", "qemu-system-misc"};

struct Device {
  const char* name;
  const Family* family;
  const char* flags;        // of the compiler
  const char* machine;      // of the emulator
  const char *flash, *ram;  // of the linker script
  bool cycles;              // the plugin's estimate is meant for it
};

constexpr auto kDevices = std::to_array<Device>({
    {"cortex-m0", &kArm, "-mcpu=cortex-m0 -mthumb -mfloat-abi=soft", "-M microbit", "256K", "16K",
     false},
    {"cortex-m3", &kArm, "-mcpu=cortex-m3 -mthumb -mfloat-abi=soft", "-M mps2-an385", "4M", "4M",
     true},
    {"cortex-m4", &kArm, "-mcpu=cortex-m4 -mthumb -mfloat-abi=soft", "-M mps2-an386", "4M", "4M",
     true},
    {"cortex-m7", &kArm, "-mcpu=cortex-m7 -mthumb -mfloat-abi=soft", "-M mps2-an500", "4M", "4M",
     false},
    {"cortex-m55", &kArm, "-mcpu=cortex-m55 -mthumb -mfloat-abi=hard", "-M mps3-an547", "512K",
     "512K", false},
    {"rv32", &kRiscV, "-march=rv32imac -mabi=ilp32 -ffreestanding", "-M virt -bios none", "", "16M",
     false},
});

const Device& device(const std::string& target) {
  const auto* found = std::ranges::find(kDevices, target, &Device::name);
  if (found != kDevices.end()) return *found;
  fail(ErrorCode::bad_config, "unknown target '{}'{}", target,
       did_you_mean(target, device_targets()));
}

// What is built and run for one measurement.
class Folder {
 public:
  void write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
  }
  std::string read(const std::string& name) const { return read_file(folder_ / name); }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  // What a command wrote goes to the file "log".
  bool run(const std::string& command) const {
    return std::system(fmt::format("cd '{}' && {{ {} ; }} >log 2>&1 </dev/null",
                                   folder_.path().string(), command)
                           .c_str()) == 0;
  }

 private:
  TempFolder folder_;
};

void expect_installed(const Folder& folder, const std::string& target, const std::string& tool,
                      const std::string& package) {
  if (!folder.run("command -v " + tool)) {
    fail(ErrorCode::unsupported, "target {} needs {}: install Debian's package {}", target, tool,
         package);
  }
}

void expect_tools(const Folder& folder, const Device& device) {
  const Family& family = *device.family;
  expect_installed(folder, device.name, std::string(family.compiler) + "gcc",
                   family.compiler_package);
  expect_installed(folder, device.name, family.emulator, family.emulator_package);
  expect_installed(folder, device.name, "cc", "gcc");
}

void expect_run(const Folder& folder, const std::string& what, const std::string& command) {
  if (folder.run(command)) return;
  std::string log = folder.read("log");
  const std::size_t error = log.find("error");
  log = log.substr(error == std::string::npos ? 0 : error);
  fail(ErrorCode::unsupported, "{} failed: {}", what, log.substr(0, log.find('\n')));
}

void replace(std::string& text, std::string_view key, const std::string& value) {
  const std::size_t at = text.find(key);
  if (at != std::string::npos) text.replace(at, key.size(), value);
}

void build_image(const Folder& folder, const graph::Graph& graph, const Device& device, int hop) {
  const auto files = formats::to_c({graph, {}}, {.stream_hop = hop});
  for (const auto& [name, text] : files) folder.write(name, text);
  for (const auto& [name, text] : measure_files()) folder.write(name, text);
  std::string script = folder.read(fmt::format("image_{}.ld", device.family->board));
  replace(script, "@FLASH@", device.flash);
  replace(script, "@RAM@", device.ram);
  folder.write("image.ld", script);
  folder.write("cases.h", device_cases(graph, hop));
  const std::string compile =
      fmt::format("{}gcc {} -std=gnu99 -O2 -I. -c", device.family->compiler, device.flags);
  expect_run(
      folder, "compiling model.c",
      compile + " -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror model.c -o model.o");
  expect_run(
      folder, "compiling the image",
      fmt::format("{0} -fno-builtin main.c -o main.o && {0} -fno-builtin memory.c -o memory.o "
                  "&& {0} board_{1}.c -o board.o",
                  compile, device.family->board));
  expect_run(
      folder, "linking the image",
      fmt::format(
          "{}gcc {} -nostdlib -T image.ld model.o main.o memory.o board.o -lgcc -o image.elf",
          device.family->compiler, device.flags));
  expect_run(folder, "compiling the counting plugin",
             "cc -O2 -shared -fPIC -fvisibility=hidden count.c -o count.so");
}

// Regions: 1 is the inference itself, layer i has 2 + i; names in order.
std::vector<std::string> mark_regions(const Folder& folder, const Device& device, bool streams) {
  expect_run(folder, "listing symbols", fmt::format("{}nm image.elf", device.family->compiler));
  std::istringstream symbols(folder.read("log"));
  std::vector<std::string> names = {"", "input"};
  std::string address, kind, name, marks;
  while (symbols >> address >> kind >> name) {
    unsigned region = 0;
    if (name == (streams ? "ep_advance" : "ep_run")) {
      region = 1;
    } else if (name.starts_with("layer") && (kind == "t" || kind == "T")) {
      region = static_cast<unsigned>(names.size());
      names.push_back(name);
    } else if (name != "measure_end") {
      continue;
    }
    marks += fmt::format("{} {}\n", address, region);
  }
  folder.write("marks", marks);
  return names;
}

int layer_number(const std::string& name) {
  return name == "input" ? 0 : std::atoi(name.c_str() + 5);
}

void run_image(const Folder& folder, const Device& device, bool streams, DeviceMeasurement& cost) {
  const std::vector<std::string> names = mark_regions(folder, device, streams);
  const std::string serial = device.family == &kArm
                                 ? "-serial none -semihosting-config enable=on,target=native"
                                 : "-serial stdio";
  const bool ran = folder.run(
      fmt::format("timeout 120 {} {} -display none -monitor none {} -kernel image.elf -plugin "
                  "./count.so,marks=marks,out=counts",
                  device.family->emulator, device.machine, serial));
  std::istringstream log(folder.read("log"));
  std::string key;
  std::int64_t wrong = -1;
  while (log >> key) {
    if (key == "stack") log >> cost.stack_bytes;
    if (key == "wrong") log >> wrong;
  }
  if (!ran || wrong != 0 || !folder.has("counts")) {
    fail(ErrorCode::unsupported, "target {}: the image {}", cost.target,
         wrong > 0 ? fmt::format("gave {} outputs other than the host's", wrong)
                   : "did not run: " + folder.read("log"));
  }
  std::istringstream counts(folder.read("counts"));
  std::size_t region = 0;
  std::int64_t instructions = 0, cycles = 0;
  while (counts >> region >> instructions >> cycles) {
    cost.instructions += instructions;
    cost.cycles += cycles;
    cost.layers.push_back({names[region], instructions / kDeviceCases});
  }
  cost.instructions /= kDeviceCases;
  cost.cycles = device.cycles ? cost.cycles / kDeviceCases : 0;
  std::ranges::sort(cost.layers, {}, [](const DeviceLayer& l) { return layer_number(l.name); });
}

void read_sizes(const Folder& folder, const Device& device, DeviceMeasurement& cost) {
  expect_run(folder, "measuring sizes", fmt::format("{}size -A model.o", device.family->compiler));
  std::istringstream lines(folder.read("log"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string section;
    std::int64_t bytes = 0;
    if (!(words >> section >> bytes)) continue;
    if (section.starts_with(".text")) cost.code_bytes += bytes;
    if (section.starts_with(".rodata") || section.starts_with(".srodata")) {
      cost.table_bytes += bytes;
    }
    if (section.starts_with(".bss") || section.starts_with(".sbss")) cost.arena_bytes += bytes;
  }
}

}  // namespace

std::span<const std::string> device_targets() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Device& device : kDevices) all.emplace_back(device.name);
    return all;
  }();
  return names;
}

void check_device(const std::string& target) {
  expect_tools(Folder(), device(target));
}

DeviceMeasurement measure_on_device(const graph::Graph& graph, const std::string& target, int hop) {
  const Device& chosen = device(target);
  if (!graph::is_int8(graph)) {
    fail(ErrorCode::unsupported, "target {}: network '{}' is FP32, expected an int8 one", target,
         graph.name);
  }
  const Folder folder;
  expect_tools(folder, chosen);
  build_image(folder, graph, chosen, hop);
  DeviceMeasurement cost{target};
  cost.macs = formats::c_macs({graph, {}}, {.stream_hop = hop});
  read_sizes(folder, chosen, cost);
  run_image(folder, chosen, hop != 0, cost);
  return cost;
}

}  // namespace edgeproof::targets
