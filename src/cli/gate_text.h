#pragma once

// The outcome of a gate, for people, for pages, and for build servers.

#include <string>
#include <vector>

#include "results/gate.h"

namespace edgeproof::cli {

using Checks = std::vector<results::Check>;

int failures(const Checks& checks);

std::string gate_table(const Checks& checks);

// A table of GitHub's Markdown, under a heading that names the study.
std::string gate_markdown(const Checks& checks, const std::string& study);

// One test case for each check, its class the variant.
std::string gate_junit(const Checks& checks, const std::string& study);

}  // namespace edgeproof::cli
