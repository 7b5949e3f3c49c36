#include "signal/readers/case_source.h"

#include "core/error.h"
#include "signal/readers/keys.h"

namespace edgeproof::signal {
namespace {

namespace fs = std::filesystem;

CaseOptions case_options(const SourceRequest& request) {
  const Settings& settings = request.settings;
  const Names files = settings.get(kFiles);
  const double rate_hz = settings.get(kRateHz);
  return {.path = path_of(request),
          .train_file = files.front(),
          .test_file = files.size() > 1 ? files[1] : "",
          .rate_hz = rate_hz > 0 ? rate_hz : 1,
          .unequal_length = unequal_length_of(settings),
          .channels = channels_of(settings),
          .triads = triads_of(settings)};
}

// The file itself and, of a published split, the other part.
FileRequest describe_cases(const fs::path& file) {
  FileRequest request{in_its_folder(file)};
  const std::string name = file.filename().string();
  Names files{name};
  if (const std::size_t at = name.rfind("_TRAIN."); at != std::string::npos) {
    std::string other = name;
    other.replace(at, 7, "_TEST.");
    request.official_split = fs::exists(file.parent_path() / other);
    if (request.official_split) files.push_back(other);
  }
  request.settings.set(kFiles, files);
  return request;
}

}  // namespace

Source case_source(const std::string& name, const std::string& meaning,
                   RecordingSet (*read)(const CaseOptions& options)) {
  return {.name = name,
          .meaning = meaning,
          .keys = {use(kPath),
                   need(kFiles,
                        "names in `path`: the training file, then, if there is one, the "
                        "test file."),
                   use(kRateHz, "samples per second; 0: 1."), use(kUnequalLength), use(kChannels),
                   use(kUnits), use(kDerivedFrom), use(kDerived), use(kTriads)},
          .read = [read](const SourceRequest& request) { return read(case_options(request)); },
          .check =
              [](const SourceRequest& request) {
                if (request.settings.get(kFiles).size() <= 2) return;
                fail(ErrorCode::bad_config,
                     "'files' in [data] must be the training file and, if there is one, the test "
                     "file");
              },
          .endings = {"." + name},
          .describe_file = describe_cases};
}

}  // namespace edgeproof::signal
