#pragma once

// The checks of a configuration that concern several keys at once, and what its claims may name.

#include <map>
#include <string>

#include "experiment/claim.h"
#include "experiment/config.h"

namespace edgeproof::experiment {

// Where keys of [data], [train] and [finetune] stand: "data.path" -> "study.toml:7".
using KeyPlaces = std::map<std::string, std::string>;

// Error bad_config, beginning with the place of a key or else `source`, for keys that do not fit
// each other and claims that cannot be checked.
void check(const Config& config, const std::string& source, const KeyPlaces& places);

// What claims may name. Error bad_config, with the claim's place, for one that cannot be checked.
ClaimNames claim_names(const Config& config);
Inequality parse_claim(const Claim& claim, const ClaimNames& names);

}  // namespace edgeproof::experiment
