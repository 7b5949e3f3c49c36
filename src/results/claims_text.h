#pragma once

// Judged claims, for people, for pages and for scripts.

#include <string>
#include <vector>

#include "results/verdict.h"

namespace edgeproof::results {

// "+1.2 [+0.4, +2.0] points": left minus right, with its interval unless it is exact.
std::string difference_text(const JudgedClaim& claim);

std::string claims_table(const std::vector<JudgedClaim>& claims);

// Claims of several studies, each under its study's name.
struct StudyClaims {
  std::string study;
  std::vector<JudgedClaim> claims;
  std::string about;  // what they were judged on, in a line; may be empty
};

// "3 seeds; 2947 test windows of 9 groups; gaussian, impulse at severities 2, 4; ...".
std::string about_study(const experiment::Config& config, const Predictions& predictions,
                        const store::StudyFacts& facts);

// Claims by studies, in GitHub's Markdown: those with the same check are one row.
std::string claims_markdown(const std::vector<StudyClaims>& studies);
std::string claims_json(const std::vector<StudyClaims>& studies);
std::string claims_csv(const std::vector<StudyClaims>& studies);

}  // namespace edgeproof::results
