#include "signal/readers/registry.h"

#include <set>

#include "signal/readers/keys.h"
#include "signal/readers/presets.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Registry, NamesAndEndingsLeadToOneSource) {
  std::set<std::string> names, endings;
  for (const Source& source : sources()) {
    EXPECT_TRUE(names.insert(source.name).second) << source.name << " is there twice";
    EXPECT_EQ(source_named(source.name), &source);
    EXPECT_THAT(source.meaning, Not(IsEmpty())) << source.name;
    EXPECT_EQ(source.is_format(), source.describe_file != nullptr) << source.name;
    for (const std::string& ending : source.endings) {
      EXPECT_TRUE(endings.insert(ending).second) << ending << " is there twice";
      EXPECT_EQ(source_of_file("folder/file" + ending), &source);
    }
  }
  EXPECT_EQ(source_named("ucr:BasicMotions"), source_named("ucr:NAME"));
  EXPECT_EQ(source_named("ucr"), nullptr);
  EXPECT_EQ(source_named("csvs"), nullptr);
  EXPECT_EQ(source_of_file("csv"), nullptr);
  EXPECT_EQ(source_of_file("a.csv.gz"), nullptr);
}

TEST(Registry, AKeyIsTheSameForAllItsSources) {
  for (const SourceKey& one : all_keys()) {
    EXPECT_THAT(sources_with(one.name), Not(IsEmpty())) << one.name;
    for (const Source& source : sources()) {
      std::vector<SourceKey> uses;
      for (const SourceKey& key : source.keys) {
        if (key.name == one.name) uses.push_back(key);
      }
      ASSERT_LE(uses.size(), 1U) << one.name << " comes twice in " << source.name;
      if (uses.empty()) continue;
      EXPECT_EQ(uses[0].value, one.value) << one.name << " of " << source.name;
      EXPECT_EQ(uses[0].allowed.words, one.allowed.words) << one.name << " of " << source.name;
      EXPECT_EQ(uses[0].one_each_of, one.one_each_of) << one.name << " of " << source.name;
      EXPECT_THAT(uses[0].meaning, testing::EndsWith(".")) << one.name << " of " << source.name;
    }
  }
}

TEST(Registry, TheMeaningOfAKeyNamesItsSources) {
  const auto meaning = [](const std::string& name) {
    return std::ranges::find(all_keys(), name, &SourceKey::name)->meaning;
  };
  EXPECT_EQ(meaning("annotator"), "wfdb: how names of annotation files end.");
  EXPECT_EQ(meaning("seed"), "imu, bearing: of the generator.");
  EXPECT_THAT(meaning("path"), HasSubstr(" csv, npz (required): a file;"));
  EXPECT_EQ(meaning("rate_hz"),
            "ucr:NAME: samples per second; 0: as known, or 1. csv: samples per second; 0: from the "
            "time column. npz, mat: samples per second. ts, arff: samples per second; 0: 1.");
}

TEST(Registry, EveryPublishedDataSetIsASource) {
  for (const std::string& name : preset_names()) {
    const Source* source = source_named(name);
    ASSERT_NE(source, nullptr) << name;
    EXPECT_TRUE(has_key(*source, "path")) << name;
    EXPECT_THAT(source->endings, IsEmpty()) << name;
  }
}

TEST(Registry, RequiredKeysAndLengthsOfListsAreChecked) {
  const auto error = [](const std::string& source, const Settings& settings) {
    return error_of(
        [&] { check_settings(*source_named(source), {.source = source, .settings = settings}); });
  };
  EXPECT_EQ(error("npz", {}), "bad_config: [data] source 'npz' needs a 'path'");
  EXPECT_EQ(error("arff", {}), "bad_config: [data] source 'arff' needs 'files'");
  Settings settings;
  settings.set(kFiles, {"a.arff", "b.arff", "c.arff"});
  EXPECT_THAT(error("arff", settings), HasSubstr("the test file"));
  settings.set(kFiles, {"a.arff"});
  settings.set(kChannels, {"x", "y"});
  settings.set(kUnits, {"g"});
  EXPECT_EQ(error("arff", settings),
            "bad_config: 'units' in [data] must be empty or one for each of 'channels'");
}

TEST(Registry, DerivedChannelsNeedAFilterOneForAllOrOneForEachChannel) {
  Settings settings;
  settings.set(kPath, "x.csv");
  const auto error = [&] {
    return error_of(
        [&] { check_settings(*source_named("csv"), {.source = "csv", .settings = settings}); });
  };
  settings.set(kDerived, {"copy"});
  EXPECT_THAT(error(), HasSubstr("'derived_from' names none"));
  settings.set(kChannels, {"a", "b", "c"});
  settings.set(kDerivedFrom, {"", "a", "a"});
  settings.set(kDerived, {});
  EXPECT_THAT(error(), HasSubstr("'derived' in [data] is missing for channel 'b'"));
  for (const Names& fit : {Names{"copy"}, Names{"", "copy", "low_pass(2, 5)"}}) {
    settings.set(kDerived, fit);
    check_settings(*source_named("csv"), {.source = "csv", .settings = settings});
  }
  settings.set(kDerived, {"copy", "copy"});
  EXPECT_THAT(error(), HasSubstr("'derived' in [data] has 2 values, expected one for all derived"));
  settings.set(kDerived, {"copy", "copy", "copy"});
  EXPECT_THAT(error(), HasSubstr("channel 'a', which is physical"));
}

TEST(Settings, WhatIsSetToItsDefaultIsNotSet) {
  Settings settings;
  EXPECT_EQ(settings.get(kPath), ".");
  settings.set(kPath, "there");
  EXPECT_TRUE(settings.is_set("path"));
  EXPECT_EQ(settings.get(kPath), "there");
  settings.set(kPath, ".");
  EXPECT_FALSE(settings.is_set("path"));
  EXPECT_EQ(settings, Settings());
}

TEST(Registry, AFileIsDescribedByItsNameAndWhatIsInIt) {
  const TempFolder folder;
  write_tree(folder.path(), {{"a.csv", "t,x,label,group\n0,1,sit,p\n1,2,sit,p\n"},
                             {"X_TRAIN.ts", ""},
                             {"X_TEST.ts", ""},
                             {"Y_TRAIN.ts", ""}});
  const auto of = [&](const std::string& name) {
    return source_of_file(name)->describe_file(folder / name);
  };
  const SourceRequest csv{.source = "csv", .settings = of("a.csv").settings};
  const RecordingSet set = source_named("csv")->read(csv);
  EXPECT_EQ(set.rate_hz, 1);
  EXPECT_THAT(set.channels, SizeIs(1));
  EXPECT_THAT(set.classes, ElementsAre("sit"));
  EXPECT_THAT(set.group_names, ElementsAre("p"));
  EXPECT_THAT(of("X_TRAIN.ts").settings.get(kFiles), ElementsAre("X_TRAIN.ts", "X_TEST.ts"));
  EXPECT_TRUE(of("X_TRAIN.ts").official_split);
  EXPECT_THAT(of("X_TEST.ts").settings.get(kFiles), ElementsAre("X_TEST.ts"));
  EXPECT_FALSE(of("Y_TRAIN.ts").official_split);
  EXPECT_EQ(of("Y_TRAIN.ts").settings.get(kPath), folder.path().string());
}

}  // namespace
}  // namespace edgeproof::signal
