// The reader of study.toml.

#include "experiment/config.h"
#include "core/files.h"
#include "fuzz/driver.h"

int main(int argc, char** argv) {
  using namespace edgeproof;
  const auto read = [](const std::filesystem::path& folder) {
    (void)experiment::read_config(folder / "study.toml");
  };
  const std::string all = experiment::to_toml(experiment::Config{});
  return fuzz::run(argc, argv, {{"config", {{{"study.toml", all}}}, read}});
}
