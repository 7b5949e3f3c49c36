// From the keys of [data] to the options of read_wfdb().

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/keys.h"
#include "signal/readers/wfdb.h"

namespace edgeproof::signal {
namespace {

const Key<Names> kRecords{.name = "records",
                          .meaning = "names of records; empty: all there are.",
                          .allowed = {.empty_list = true}};
const Key<Names> kClasses{
    .name = "classes",
    .meaning =
        "annotations that are events, 'N: N L R e j' for a class and its symbols; 'aami': "
        "heart beats N, S and V; 'aami_rare': F and Q, too.",
    .allowed = {.empty_list = true}};
const Key<std::string> kAnnotator{
    .name = "annotator", .value = "atr", .meaning = "how names of annotation files end."};

// "V: V1 V2" as "V" and its words; a text without a colon as a name without words.
struct NamedWords {
  std::string name;
  std::vector<std::string> words;
};

NamedWords named_words(std::string_view text) {
  NamedWords result;
  const std::size_t colon = text.find(':');
  result.name = trim(text.substr(0, colon));
  if (colon == std::string_view::npos) return result;
  for (const std::string_view word : split(text.substr(colon + 1), ' ')) {
    if (!trim(word).empty()) result.words.emplace_back(trim(word));
  }
  return result;
}

std::vector<WfdbClassOptions> classes_of(const Settings& settings) {
  std::vector<WfdbClassOptions> classes;
  for (const std::string& text : settings.get(kClasses)) {
    const NamedWords one = named_words(text);
    if (text == "aami" || text == "aami_rare") {
      for (auto& known : aami_classes(text == "aami_rare")) classes.push_back(known);
    } else if (one.words.empty()) {
      fail(ErrorCode::bad_config,
           "'classes' in [data] has '{}', expected a name and symbols such as 'N: N L R e j', or "
           "'aami' or 'aami_rare'",
           text);
    } else {
      classes.push_back({.name = one.name, .symbols = join(one.words, "")});
    }
  }
  return classes;
}

RecordingSet read(const SourceRequest& request) {
  const Settings& settings = request.settings;
  WfdbOptions options{.sources = paths_of(request),
                      .records = settings.get(kRecords),
                      .classes = classes_of(settings),
                      .annotator = settings.get(kAnnotator)};
  for (const std::string& text : settings.get(kChannels)) {
    const NamedWords one = named_words(text);
    options.channels.push_back({.name = one.name, .signals = one.words});
  }
  return read_wfdb(options);
}

}  // namespace

Source wfdb_source() {
  return {.name = "wfdb",
          .meaning = "PhysioNet's records",
          .keys = {use(kPath), use(kPaths, "further folders or archives."), use(kRecords),
                   use(kChannels,
                       "signals; 'V: V1 V2 V5' is the first one there of these; empty: "
                       "as in the first record."),
                   use(kClasses), use(kAnnotator)},
          .read = read,
          .endings = {".hea"},
          .describe_file = [](const std::filesystem::path& file) {
            FileRequest request{in_its_folder(file)};
            request.settings.set(kRecords, {file.stem().string()});
            return request;
          }};
}

}  // namespace edgeproof::signal
