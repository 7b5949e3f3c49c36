#include "signal/readers/ucr.h"

#include "signal/readers/keys.h"
#include "signal/readers/presets.h"
#include "signal/readers/ts.h"

namespace edgeproof::signal {
namespace {

// What the descriptions of the data sets say for certain; no word of a unit leaves it empty.
void declare_known(const std::string& name, CaseOptions& options) {
  if (name == "BasicMotions") {
    options.rate_hz = 10;
    options.channels = {{"acc_x"}, {"acc_y"}, {"acc_z"}, {"gyro_x"}, {"gyro_y"}, {"gyro_z"}};
    options.triads = {{"acc_x", "acc_y", "acc_z"}, {"gyro_x", "gyro_y", "gyro_z"}};
  } else if (name == "Epilepsy") {
    options.rate_hz = 16;
    options.channels = {{"acc_x", "g"}, {"acc_y", "g"}, {"acc_z", "g"}};
    options.triads = {{"acc_x", "acc_y", "acc_z"}};
  } else if (name == "DodgerLoopDay" || name == "DodgerLoopGame" || name == "DodgerLoopWeekend") {
    options.rate_hz = 1.0 / 300;  // 288 counts a day
    options.channels = {{"vehicles"}};
  }
}

}  // namespace

RecordingSet read_ucr(const UcrOptions& options) {
  CaseOptions cases{.path = locate_preset("ucr:" + options.name, options.path).front(),
                    .train_file = options.name + "_TRAIN.ts",
                    .test_file = options.name + "_TEST.ts",
                    .unequal_length = options.unequal_length};
  declare_known(options.name, cases);
  if (options.rate_hz != 0) cases.rate_hz = options.rate_hz;
  RecordingSet set = read_ts(cases);
  set.name = options.name;
  return set;
}

Source ucr_source() {
  return {.name = "ucr:NAME",
          .meaning = "a data set of the UCR or UEA archive, such as ucr:BasicMotions",
          .keys = {use(kPath), use(kRateHz, "samples per second; 0: as known, or 1."),
                   use(kUnequalLength)},
          .read =
              [](const SourceRequest& r) {
                return read_ucr({.path = preset_path(r),
                                 .name = r.source.substr(r.source.find(':') + 1),
                                 .rate_hz = r.settings.get(kRateHz),
                                 .unequal_length = unequal_length_of(r.settings)});
              },
          .check = [](const SourceRequest& r) { preset(r.source); },
          .official_split = true};
}

}  // namespace edgeproof::signal
