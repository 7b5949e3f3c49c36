#include "signal/readers/presets.h"

#include "signal/readers/cwru.h"
#include "signal/readers/mitbih.h"
#include "signal/readers/uci_har.h"
#include "signal/readers/ucr.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Presets, TheFirstPlaceThatIsThereIsTaken) {
  const TempFolder folder;
  EXPECT_THAT(find_preset("mitbih", folder.path()), IsEmpty());
  write_tree(folder.path(), {{"mitdb_ds1.tar.xz", ""}});
  EXPECT_THAT(find_preset("mitbih", folder.path()), IsEmpty());  // half of it
  write_tree(folder.path(), {{"mitdb_ds2.tar.xz", ""}});
  EXPECT_THAT(find_preset("mitbih", folder.path()),
              ElementsAre(folder / "mitdb_ds1.tar.xz", folder / "mitdb_ds2.tar.xz"));
  write_tree(folder.path(), {{"mitdb/100.hea", ""}});
  EXPECT_THAT(find_preset("mitbih", folder.path()), ElementsAre(folder / "mitdb"));
  EXPECT_THAT(find_preset("mitbih", folder / "mitdb_ds1.tar.xz"),
              ElementsAre(folder / "mitdb_ds1.tar.xz"));
  EXPECT_THAT(error_of([&] { locate_preset("ucr:X", folder.path()); }),
              HasSubstr("'edgeproof data fetch ucr:X' downloads it"));
}

TEST(Presets, WhatIsDownloadedIsFound) {
  for (const char* name : {"uci_har", "mitbih", "cwru", "ucr:Epilepsy"}) {
    const TempFolder folder;
    Members files;
    for (const PresetDownload& one : preset(name).downloads) files.emplace_back(one.file, "");
    write_tree(folder.path(), files);
    EXPECT_EQ(find_preset(name, folder.path()).size(), 1u) << name;
    EXPECT_TRUE(is_preset(name));
    EXPECT_EQ(preset(name).checksum.size(), 64u) << name;
  }
  EXPECT_EQ(preset("cwru").downloads.size(), 37u);
  EXPECT_FALSE(is_preset("csv"));
  EXPECT_THAT(error_of([] { preset("uci_hra"); }), HasSubstr("did you mean 'uci_har'"));
}

TEST(PresetsData, ChecksumsAreThoseOfTheData) {
  const auto folder = data_folder_with("uci_har_inertial.tar.xz");
  if (folder.empty()) GTEST_SKIP() << why_skipped("uci_har_inertial.tar.xz");
  EXPECT_EQ(read_uci_har(folder).checksum, preset("uci_har").checksum);
  EXPECT_EQ(read_mitbih({.path = folder}).checksum, preset("mitbih").checksum);
  EXPECT_EQ(read_cwru({.path = folder, .normal = true}).checksum, preset("cwru").checksum);
  for (const char* name :
       {"BasicMotions", "DodgerLoopDay", "ECG200", "Epilepsy", "GesturePebbleZ1"}) {
    const UcrOptions options{
        .path = folder, .name = name, .unequal_length = UnequalLength::truncate};
    EXPECT_EQ(read_ucr(options).checksum, preset("ucr:" + options.name).checksum) << name;
  }
}

}  // namespace
}  // namespace edgeproof::signal
