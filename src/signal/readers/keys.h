#pragma once

// The keys of [data] that several sources read. A key of one source is in its own file.

#include <filesystem>
#include <vector>

#include "signal/readers/cases.h"
#include "signal/readers/names.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

using Names = std::vector<std::string>;

inline const Key<std::string> kPath{
    .name = "path",
    .value = ".",
    .meaning =
        "a folder or an archive (tar, zip); if relative, below --data-dir, or else the "
        "configuration's folder."};
// What `path` is to a source that reads no folders.
inline const std::string kOneFile =
    "a file; if relative, below --data-dir, or else the configuration's folder.";
inline const Key<Names> kPaths{.name = "paths", .allowed = {.empty_list = true}};
inline const Key<Names> kFiles{.name = "files", .allowed = {.empty_list = true}};
inline const Key<double> kRateHz{
    .name = "rate_hz", .meaning = "samples per second.", .allowed = between(0, 1e9)};
inline const Key<Names> kChannels{
    .name = "channels", .meaning = "names for them.", .allowed = {.empty_list = true}};
inline const Key<Names> kUnits{.name = "units",
                               .meaning = "one for each channel, or none.",
                               .allowed = {.empty_list = true, .repeats = true},
                               .one_each_of = "channels"};
inline const Key<Names> kDerivedFrom{
    .name = "derived_from",
    .meaning = "for each channel the physical one it is computed from, or an empty text; or none.",
    .allowed = {.empty_list = true, .repeats = true},
    .one_each_of = "channels"};
inline const Key<Names> kDerived{
    .name = "derived",
    .meaning =
        "with derived_from: the filter by which the device computes derived channels: 'copy', "
        "'high_pass(order, hz)' or 'low_pass(order, hz)'; one for all of them, or for each channel "
        "one, an empty text if it is physical.",
    .allowed = {.empty_list = true, .repeats = true, .text_alone = true}};
// The same for data sets that have a filter of their own.
inline const std::string kDerivedBody =
    "how faults of total_acc reach body_acc; empty: high_pass(3, 0.3); 'copy': as they are, as in "
    "version 1 of the faults.";
inline const Key<Names> kTriads{.name = "triads",
                                .meaning = "three-axis sensors, by their channels: 'ax, ay, az'.",
                                .allowed = {.empty_list = true}};
inline const Key<std::string> kUnequalLength{
    .name = "unequal_length",
    .value = std::string(kUnequalLengthWords.word(UnequalLength::pad)),
    .meaning =
        "of cases; pad: to the longest, with the channels' means; repeat: from their "
        "beginning; stretch: interpolated; truncate: to the shortest.",
    .allowed = one_of(kUnequalLengthWords.all())};
inline const Key<std::int64_t> kSeed{
    .name = "seed", .value = 1, .meaning = "of the generator.", .allowed = between(0, 1e9)};

std::filesystem::path path_of(const SourceRequest& request);
// `path`, and `paths` behind it.
std::vector<std::filesystem::path> paths_of(const SourceRequest& request);

// Error bad_config for a number of texts in `derived` that does not fit.
std::vector<ChannelOptions> channels_of(const Settings& settings);
// Error bad_config for a text that does not name three channels.
std::vector<TriadOptions> triads_of(const Settings& settings);
UnequalLength unequal_length_of(const Settings& settings);
std::uint64_t seed_of(const Settings& settings);

// `path` is the file's folder.
Settings in_its_folder(const std::filesystem::path& file);

}  // namespace edgeproof::signal
