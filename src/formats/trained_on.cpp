// Smallest digests are a sample that needs no random draw (A. Broder, "On the resemblance and
// containment of documents", 1997). Test: trained_on_test.cpp.

#include "formats/trained_on.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/files.h"

namespace edgeproof::formats {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Whether all samples in time are the same, missing ones among them.
bool is_constant(const signal::Recording& recording) {
  const auto channels =
      recording.samples.size() / std::max<std::size_t>(recording.labels.size(), 1);
  const std::size_t bytes = sizeof(float) * channels;
  for (std::size_t i = channels; i < recording.samples.size(); i += channels) {
    if (std::memcmp(&recording.samples[i], recording.samples.data(), bytes) != 0) return false;
  }
  return true;
}

std::optional<std::uint32_t> digest_of(const signal::Recording& recording) {
  if (is_constant(recording)) return std::nullopt;
  const std::string hex = sha256({reinterpret_cast<const char*>(recording.samples.data()),
                                  recording.samples.size() * sizeof(float)});
  std::uint32_t digest = 0;
  for (std::size_t byte = 4; byte-- > 0;) {
    std::uint32_t value = 0;
    std::from_chars(hex.data() + 2 * byte, hex.data() + 2 * byte + 2, value, 16);
    digest = digest << 8 | value;
  }
  return digest;
}

}  // namespace

TrainedOn trained_on(const signal::Dataset& dataset) {
  std::set<int> recordings;
  for (const auto* part : {&dataset.train, &dataset.validation}) {
    for (const signal::Window& window : *part) recordings.insert(window.recording);
  }
  std::map<int, std::set<std::uint32_t>> of_group;
  std::set<std::uint32_t> all;
  for (const int index : recordings) {
    const signal::Recording& recording = dataset.source.recordings[static_cast<std::size_t>(index)];
    const auto digest = digest_of(recording);
    if (!digest) continue;
    of_group[recording.group].insert(*digest);
    all.insert(*digest);
  }
  if (all.size() <= kMostDigests) return {{all.begin(), all.end()}, true};
  const std::size_t each = std::max<std::size_t>(kMostDigests / of_group.size(), 1);
  std::set<std::uint32_t> kept;
  for (const auto& [group, digests] : of_group) {
    auto digest = digests.begin();
    for (std::size_t i = 0; i < each && digest != digests.end(); ++i) kept.insert(*digest++);
  }
  return {{kept.begin(), kept.end()}, false};
}

TrainedOn united(const TrainedOn& first, const TrainedOn& then) {
  TrainedOn both{{}, first.complete && then.complete};
  std::ranges::set_union(first.digests, then.digests, std::back_inserter(both.digests));
  return both;
}

std::vector<bool> was_trained_on(const TrainedOn& known, const signal::RecordingSet& set) {
  std::vector<bool> trained;
  std::set<int> groups;
  for (const signal::Recording& recording : set.recordings) {
    const auto digest = digest_of(recording);
    trained.push_back(digest && std::ranges::binary_search(known.digests, *digest));
    if (trained.back()) groups.insert(recording.group);
  }
  if (known.complete) return trained;
  for (std::size_t i = 0; i < trained.size(); ++i) {
    trained[i] = groups.contains(set.recordings[i].group);
  }
  return trained;
}

std::string to_base64(const std::vector<std::uint32_t>& digests) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;  // of bits that are not written yet
  for (const std::uint32_t digest : digests) {
    for (int byte = 0; byte < 4; ++byte) {
      bits = bits << 8 | (digest >> (8 * byte) & 0xFF);
      for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
    }
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

std::vector<std::uint32_t> digests_from_base64(std::string_view text) {
  const auto refuse = [&] {
    fail(ErrorCode::bad_input, "found '{}', expected ascending digests of 4 bytes in base64",
         text.size() > 40 ? std::string(text.substr(0, 40)) + "…" : std::string(text));
  };
  std::vector<std::uint32_t> digests;
  std::uint32_t bits = 0, digest = 0;
  int count = 0, bytes = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) refuse();
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    digest |= (bits >> count & 0xFF) << (8 * bytes);
    if (++bytes < 4) continue;
    digests.push_back(digest);
    digest = 0;
    bytes = 0;
  }
  const bool rising = std::ranges::adjacent_find(digests, std::greater_equal<>()) == digests.end();
  if (!rising || to_base64(digests) != text) refuse();
  return digests;
}

}  // namespace edgeproof::formats
