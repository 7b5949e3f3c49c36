#pragma once

// Quantities with units on the command line: '32KB', '20us'.

#include <string>
#include <utility>
#include <vector>

namespace edgeproof::cli {

using Units = std::vector<std::pair<std::string, double>>;  // name, factor

// A number above 0 and one of the units, which may be left out for the first one. Error bad_config,
// naming the option.
double quantity(const std::string& option, const std::string& text, const Units& units);

const Units& byte_units();   // KB and MB of 1024
const Units& time_units();   // in microseconds
const Units& count_units();  // k and M of 1000

}  // namespace edgeproof::cli
