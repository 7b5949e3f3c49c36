// The reader of study.toml, on a configuration for each source of data.

#include "experiment/config_file.h"
#include "fuzz/driver.h"
#include "signal/readers/registry.h"
#include "signal/readers/registry_testing.h"

namespace edgeproof::fuzz {
namespace {

std::vector<Files> config_samples() {
  std::vector<Files> samples;
  for (const signal::Source& source : signal::sources()) {
    const signal::SourceRequest request = signal::least_request(source);
    experiment::Config config;
    config.data = {.source = request.source, .settings = request.settings};
    samples.push_back({{"study.toml", experiment::to_toml(config)}});
  }
  return samples;
}

}  // namespace
}  // namespace edgeproof::fuzz

int main(int argc, char** argv) {
  using namespace edgeproof;
  const auto read = [](const std::filesystem::path& folder) {
    (void)experiment::read_config(folder / "study.toml");
  };
  return fuzz::run(argc, argv, {{"config", fuzz::config_samples(), read}});
}
