#pragma once

// A recommendation for people and for scripts. The same sentences end the table on a terminal and
// stand first on the report's page.

#include <string>
#include <vector>

#include "results/recommendation.h"

namespace edgeproof::results {

// Whole sentences: what to ship and why, what that costs against fp32, and what is not decided.
std::vector<std::string> recommendation_sentences(const Recommendation& recommendation);

// One JSON object; `notes` are its "notes": what is wrong with the study's split.
std::string recommendation_json(const Recommendation& recommendation,
                                const std::vector<std::string>& notes);

}  // namespace edgeproof::results
