#pragma once

// Runs a reader on damaged files, again and again. What is read must end in a value or an Error;
// anything else ends the program, and the files that did it stay in the target's folder.
//
// Iteration i of a seed is always the same, whatever the machine and the time that is given.

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/mutate.h"

namespace edgeproof::fuzz {

using Files = std::vector<std::pair<std::string, std::string>>;  // name, bytes

struct Target {
  std::string name;
  std::vector<Files> samples;  // whole sets of files that the reader takes
  std::function<void(const std::filesystem::path& folder)> read;
  std::function<std::string(const std::string& bytes, Draws& draws)> mutate =
      nullptr;  // if special
};

// PROGRAM TARGET SECONDS [SEED], PROGRAM TARGET --read FOLDER: the exit code. Without arguments the
// names of targets are printed. Samples of a target are also all folders of files in
// FUZZ_CORPUS/TARGET.
int run(int argc, char** argv, const std::vector<Target>& targets);

}  // namespace edgeproof::fuzz
