#pragma once

// What the commands that run a study share.

#include <filesystem>
#include <functional>
#include <string>

#include "formats/provenance.h"

namespace edgeproof::cli {

// If the work is interrupted, the Error says that the same command goes on from there.
void run_resumable(const std::filesystem::path& output, const std::function<void()>& work);

// Writes a finished study's tables, models and report.html to its folder; gives its table.
std::string finish_study(const std::filesystem::path& output, int threads,
                         formats::ProvenanceDetail provenance);

}  // namespace edgeproof::cli
