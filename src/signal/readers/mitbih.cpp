#include "signal/readers/mitbih.h"

#include <algorithm>
#include <array>

#include "signal/readers/keys.h"
#include "signal/readers/presets.h"
#include "signal/readers/wfdb.h"

namespace edgeproof::signal {
namespace {

constexpr std::array kDs1{"101", "106", "108", "109", "112", "114", "115", "116",
                          "118", "119", "122", "124", "201", "203", "205", "207",
                          "208", "209", "215", "220", "223", "230"};
constexpr std::array kDs2{"100", "103", "105", "111", "113", "117", "121", "123",
                          "200", "202", "210", "212", "213", "214", "219", "221",
                          "222", "228", "231", "232", "233", "234"};

}  // namespace

RecordingSet read_mitbih(const MitBihOptions& options) {
  WfdbOptions wfdb{.sources = locate_preset("mitbih", options.path),
                   .channels = {{.name = "MLII"}},
                   .classes = aami_classes(options.rare_classes)};
  wfdb.records.assign(kDs1.begin(), kDs1.end());
  wfdb.records.insert(wfdb.records.end(), kDs2.begin(), kDs2.end());
  if (options.both_leads) {
    wfdb.channels.push_back({.name = "V", .signals = {"V1", "V2", "V4", "V5"}});
  }
  RecordingSet set = read_wfdb(wfdb);
  set.name = "mitbih";
  set.official_split = "de Chazal et al. 2004, no patient in both: DS1 trains, DS2 tests";
  set.group_names.clear();
  for (std::size_t r = 0; r < set.recordings.size(); ++r) {
    Recording& recording = set.recordings[r];
    recording.part = r < kDs1.size() ? Part::train : Part::test;
    const bool one_man = recording.name == "201" || recording.name == "202";
    const std::string patient = one_man ? "201/202" : recording.name;
    const auto known = std::ranges::find(set.group_names, patient);
    recording.group = static_cast<int>(known - set.group_names.begin());
    if (known == set.group_names.end()) set.group_names.push_back(patient);
  }
  return set;
}

namespace {

const Key<bool> kRareClasses{.name = "rare_classes", .meaning = "F and Q besides N, S and V."};
const Key<bool> kBothLeads{.name = "both_leads", .meaning = "V besides MLII."};

}  // namespace

Source mitbih_source() {
  return {.name = "mitbih",
          .meaning = "heart beats, PhysioNet",
          .keys = {use(kPath), use(kRareClasses), use(kBothLeads)},
          .read =
              [](const SourceRequest& r) {
                return read_mitbih({.path = preset_path(r),
                                    .rare_classes = r.settings.get(kRareClasses),
                                    .both_leads = r.settings.get(kBothLeads)});
              },
          .window_length = 256,
          .official_split = true};
}

}  // namespace edgeproof::signal
