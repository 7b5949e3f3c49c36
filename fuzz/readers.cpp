// The readers of models and of data.

#include <algorithm>
#include <cstdlib>

#include "core/error.h"
#include "core/files.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"
#include "fuzz/onnx_mutate.h"
#include "fuzz/samples.h"
#include "signal/readers/arff.h"
#include "signal/readers/csv.h"
#include "signal/readers/mat.h"
#include "signal/readers/npz.h"
#include "signal/readers/registry.h"
#include "signal/readers/ts.h"
#include "signal/readers/wfdb.h"
#include "signal/streams/zip_writer.h"

namespace edgeproof::fuzz {
namespace {

using Path = std::filesystem::path;

// What was read must come back when it is written: a graph without a name as "graph".
void read_onnx(const Path& folder) {
  auto model = formats::from_onnx(read_file(folder / "m.onnx"), "m.onnx", folder);
  if (model.graph.name.empty()) model.graph.name = "graph";
  const auto again = formats::from_onnx(formats::to_onnx(model), "again.onnx");
  if (formats::describe(again.graph) != formats::describe(model.graph)) {
    fmt::print(stderr, "the model is another when it is written and read\n");
    std::abort();
  }
}

void read_csv(const Path& folder) {
  signal::CsvOptions options{.paths = {folder / "a.csv"}, .time_column = "t"};
  options.label_column = "label";
  options.group_column = "who";
  (void)signal::read_csv(options);
}

void read_npz(const Path& folder) {
  const Path archive = folder / "a.npz";
  signal::ZipWriter zip(archive);
  for (const char* name : {"x.npy", "y.npy", "groups.npy"}) {
    if (!std::filesystem::exists(folder / name)) continue;
    const std::string bytes = read_file(folder / name);
    zip.begin(name, static_cast<std::int64_t>(bytes.size()));
    zip.write(bytes);
  }
  zip.finish();
  (void)signal::read_npz({.path = archive, .rate_hz = 10});
}

void read_wfdb(const Path& folder) {
  signal::WfdbOptions options{.sources = {folder}};
  if (std::filesystem::exists(folder / "100.atr")) options.classes = signal::aami_classes();
  options.check_sums = false;
  (void)signal::read_wfdb(options);
}

void read_mat(const Path& folder) {
  (void)signal::read_mat({.path = folder,
                          .files = {{.file = "a.mat", .label = "x"}},
                          .channels = {{.name = "DE_time"}, {.name = "FE_time"}},
                          .rate_hz = 10});
}

template <auto reader>
void read_cases(const Path& folder) {
  const char* file = std::filesystem::exists(folder / "m.ts") ? "m.ts" : "m.arff";
  (void)reader({.path = folder, .train_file = file, .unequal_length = signal::UnequalLength::pad});
}

// Every format of the registry: one that has no samples here is an error, not left out.
std::vector<Target> targets() {
  const std::vector<Target> formats = {{"csv", csv_samples(), read_csv},
                                       {"npz", npz_samples(), read_npz},
                                       {"wfdb", wfdb_samples(), read_wfdb},
                                       {"mat", mat_samples(), read_mat},
                                       {"ts", ts_samples(), read_cases<signal::read_ts>},
                                       {"arff", arff_samples(), read_cases<signal::read_arff>}};
  std::vector<Target> targets = {{"onnx", onnx_samples(), read_onnx, mutated_onnx}};
  for (const signal::Source& source : signal::sources()) {
    if (!source.is_format()) continue;
    const auto target = std::ranges::find(formats, source.name, &Target::name);
    if (target == formats.end()) {
      fail(ErrorCode::unsupported, "source '{}' has no samples in fuzz/samples.cpp", source.name);
    }
    targets.push_back(*target);
  }
  return targets;
}

}  // namespace
}  // namespace edgeproof::fuzz

int main(int argc, char** argv) try {
  return edgeproof::fuzz::run(argc, argv, edgeproof::fuzz::targets());
} catch (const edgeproof::Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
