#include "fuzz/driver.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/error.h"
#include "core/files.h"
#include "fuzz/guided.h"

namespace edgeproof::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr unsigned kMostSecondsPerInput = 30;

void write_all(const fs::path& folder, const Files& files) {
  for (const auto& [name, bytes] : files) write_file(folder / name, bytes);
}

// The reader's Error; empty if it took the files.
std::string error_of(const Target& target, const fs::path& folder) {
  alarm(kMostSecondsPerInput);  // ends the program
  std::string message;
  try {
    target.read(folder);
  } catch (const Error& error) {
    message = error.what();
  }
  alarm(0);
  return message;
}

std::vector<Files> samples_of(const Target& target) {
  std::vector<Files> samples = target.samples;
  const fs::path corpus = fs::path(FUZZ_CORPUS) / target.name;
  std::vector<fs::path> folders;
  if (fs::exists(corpus)) {
    for (const auto& entry : fs::directory_iterator(corpus)) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  for (const fs::path& folder : folders) {
    Files& files = samples.emplace_back();
    for (const auto& entry : fs::directory_iterator(folder)) {
      files.emplace_back(entry.path().filename(), read_file(entry.path()));
    }
    std::ranges::sort(files);
  }
  return samples;
}

void fuzz(const Target& target, double seconds, std::uint64_t seed) {
  const fs::path folder = fs::absolute(fmt::format("fuzz-{}", target.name));
  const std::vector<Files> samples = samples_of(target);
  std::uint32_t runs = 0, taken = 0;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (; Clock::now() < end; ++runs) {
    Draws draws(seed, target.name, runs);
    Files files = samples[draws.below(samples.size())];
    const auto& other = samples[draws.below(samples.size())];
    if (runs >= samples.size()) {
      std::string& bytes = files[draws.below(files.size())].second;
      const bool special = target.mutate && draws.below(2) == 0;
      bytes = special ? target.mutate(bytes, draws)
                      : mutated(bytes, other[draws.below(other.size())].second, draws);
    } else {
      files = samples[runs];  // all of them as they are at first
    }
    fs::remove_all(folder);
    fs::create_directories(folder);
    write_all(folder, files);
    const std::string error = error_of(target, folder);
    if (!error.empty() && runs < samples.size()) {
      fail(ErrorCode::bad_input, "{}: sample {} is refused: {}", target.name, runs, error);
    }
    taken += error.empty();
  }
  fs::remove_all(folder);
  fmt::print("{}: {} inputs, {} of them valid\n", target.name, runs, taken);
}

}  // namespace

int run(int argc, char** argv, const std::vector<Target>& targets) try {
  if (argc < 2) {
    for (const Target& target : targets) fmt::print("{}\n", target.name);
    return 0;
  }
  const auto found = std::ranges::find(targets, argv[1], &Target::name);
  if (found == targets.end() || argc < 3) {
    fail(ErrorCode::bad_config, "expected TARGET SECONDS [SEED] or TARGET --read FOLDER");
  }
  if (std::string(argv[2]) == "--read") {
    fmt::print("{}\n", error_of(*found, argv[3]));
    return 0;
  }
#ifdef EDGEPROOF_FUZZ_GUIDED
  if (std::string(argv[2]) == "--guided") {
    if (argc < 4) fail(ErrorCode::bad_config, "expected TARGET --guided CORPUS [OPTION…]");
    return run_guided(*found, samples_of(*found), argv[3], argc - 2, argv + 2);
  }
#endif
  fuzz(*found, std::atof(argv[2]), argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  return 0;
} catch (const Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}

}  // namespace edgeproof::fuzz
