#pragma once

// WFDB annotation files in MIT format (WFDB Applications Guide, annot(5)): 16-bit words, low byte
// first, with a code in the upper six bits and the samples since the annotation before in the lower
// ten. Codes 59 to 63 are no annotations: a long interval, fields that are skipped here, and text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

struct WfdbAnnotation {
  std::int64_t sample = 0;
  int code = 0;
};

// Errors, which begin with `place`, name the byte. A file without its end mark is cut short. A time
// resolution in the file that is not `rate_hz` is unsupported.
std::vector<WfdbAnnotation> parse_wfdb_annotations(std::string_view bytes, const std::string& place,
                                                   double rate_hz);

// The character that stands for a code in listings ('N' for 1, a normal beat); a blank for codes
// that have none.
char wfdb_symbol(int code);

}  // namespace edgeproof::signal
