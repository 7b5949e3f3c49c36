#pragma once

// libFuzzer on a target (guided.cpp).

#include <filesystem>
#include <vector>

#include "fuzz/driver.h"

namespace edgeproof::fuzz {

// Until libFuzzer's options in argv (from argv[1] on, which begins with the corpus) end it. Inputs
// that are worth keeping go into `corpus`, to which the samples are added; of a file, that input is
// read. The exit code.
int run_guided(const Target& target, const std::vector<Files>& samples,
               const std::filesystem::path& corpus, int argc, char** argv);

}  // namespace edgeproof::fuzz
