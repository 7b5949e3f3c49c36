// The targets under libFuzzer, which keeps inputs that reach new code. An input is a target's
// files: for each its name, a zero byte, its size in four bytes, and its bytes. Only builds by
// Clang have it (tools/fuzz-guided).

#include "fuzz/guided.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/error.h"
#include "core/files.h"

extern "C" {
int LLVMFuzzerRunDriver(int* argc, char*** argv, int (*run)(const std::uint8_t*, std::size_t));
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
}

namespace edgeproof::fuzz {
namespace {

namespace fs = std::filesystem;

const Target* target = nullptr;     // libFuzzer's functions have no other argument
constexpr std::size_t kHeader = 5;  // behind a name

std::string packed(const Files& files) {
  std::string bytes;
  for (const auto& [name, content] : files) {
    const auto size = static_cast<std::uint32_t>(content.size());
    bytes += name;
    bytes += '\0';
    bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
    bytes += content;
  }
  return bytes;
}

// Nothing if it is no such list, or names a file that no sample has.
std::optional<Files> unpacked(std::string_view bytes) {
  Files files;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    if (end == std::string_view::npos || bytes.size() < end + kHeader) return std::nullopt;
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + end + 1, sizeof(size));
    const std::string name(bytes.substr(0, end));
    bytes.remove_prefix(end + kHeader);
    if (size > bytes.size() || name.find('/') != std::string::npos || name.empty())
      return std::nullopt;
    files.emplace_back(name, bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return files;
}

fs::path folder() {
  return fs::absolute("guided-" + target->name);
}

int run_one(const std::uint8_t* data, std::size_t size) {
  const auto files = unpacked({reinterpret_cast<const char*>(data), size});
  if (!files) return -1;  // not kept
  fs::remove_all(folder());
  fs::create_directories(folder());
  for (const auto& [name, bytes] : *files) write_file(folder() / name, bytes);
  try {
    target->read(folder());
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace

int run_guided(const Target& chosen, const std::vector<Files>& samples, const fs::path& corpus,
               int argc, char** argv) {
  target = &chosen;
  const bool is_one = fs::is_regular_file(corpus);  // an input to be read again
  if (!is_one) fs::create_directories(corpus);
  for (std::size_t i = 0; i < samples.size() && !is_one; ++i) {
    write_file(corpus / ("sample-" + std::to_string(i)), packed(samples[i]));
  }
  return LLVMFuzzerRunDriver(&argc, &argv, run_one);
}

}  // namespace edgeproof::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  using namespace edgeproof::fuzz;
  auto files = unpacked({reinterpret_cast<const char*>(data), size});
  if (!files || files->empty()) return 0;
  Draws draws(seed, target->name, 0);
  std::string& bytes = (*files)[draws.below(files->size())].second;
  const std::size_t kind = draws.below(3);
  if (kind == 0 && target->mutate) {
    bytes = target->mutate(bytes, draws);
  } else if (kind == 1) {
    bytes = mutated(bytes, bytes, draws);
  } else {
    const std::size_t old = bytes.size();
    bytes.resize(old + 256);
    bytes.resize(
        LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), old, bytes.size()));
  }
  const std::string all = packed(*files);
  if (all.size() > most) return size;
  std::memcpy(data, all.data(), all.size());
  return all.size();
}
