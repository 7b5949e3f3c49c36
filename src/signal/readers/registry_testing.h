#pragma once

// For tests and fuzzers: what can be asked of any source.

#include "signal/readers/source.h"

namespace edgeproof::signal {

// The request with the least keys that check_settings() lets pass; its values name nothing that
// exists.
inline SourceRequest least_request(const Source& source) {
  const std::string any = ":NAME";
  SourceRequest request{.source = source.name};
  if (source.name.ends_with(any)) {
    request.source = source.name.substr(0, source.name.size() - any.size()) + ":X";
  }
  for (const SourceKey& key : source.keys) {
    if (!key.required) continue;
    const bool is_list = std::holds_alternative<std::vector<std::string>>(key.value);
    request.settings.set(key.name, is_list ? Value(std::vector<std::string>{"a"}) : Value("a"),
                         key.value);
  }
  return request;
}

}  // namespace edgeproof::signal
