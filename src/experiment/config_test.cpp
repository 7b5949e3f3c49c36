#include "experiment/config_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "signal/readers/keys.h"
#include "signal/readers/registry.h"
#include "signal/readers/registry_testing.h"

namespace edgeproof::experiment {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view toml) {
  try {
    parse_config(toml, "study.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    return error.what();
  }
  return "no error";
}

TEST(Config, WhatIsPrintedIsReadBack) {
  Config config;
  config.name = "a \"quoted\" name";
  config.seeds = {7, 8};
  config.data.source = "ucr:X";
  config.data.settings.set(signal::kPath, "a \\ folder");
  config.data.settings.set(signal::kRateHz, 12.5);
  config.data.settings.set(signal::kUnequalLength, "truncate");
  config.window.event_offset = 90;
  config.split.by = signal::SplitBy::official;
  config.train.learning_rate = 0.00123;
  config.imputation = signal::Imputation::mask;
  const Config again = parse_config(to_toml(config), "printed");
  EXPECT_EQ(to_toml(again), to_toml(config));
  EXPECT_EQ(again.name, config.name);
  EXPECT_EQ(again.seeds, config.seeds);
  EXPECT_EQ(again.data.settings, config.data.settings);
  EXPECT_EQ(again.window.event_offset, config.window.event_offset);
  EXPECT_EQ(again.split.by, config.split.by);
  EXPECT_EQ(again.train.learning_rate, config.train.learning_rate);
  EXPECT_EQ(again.imputation, config.imputation);
}

TEST(Config, WhatTravelsWithAModelHasNoFolders) {
  Config config;
  config.data.source = "csv";
  config.data.settings.set(signal::kPath, "/home/me/walk.csv");
  config.data.settings.set(signal::kPaths, {"/home/me/run.csv", "climb.csv"});
  config.data.settings.set(signal::kUnits, {"m/s2"});
  config.onnx = "../private/mine.onnx";
  const Config shown = without_folders(config);
  EXPECT_EQ(shown.data.settings.get(signal::kPath), "walk.csv");
  EXPECT_EQ(shown.data.settings.get(signal::kPaths), (signal::Names{"run.csv", "climb.csv"}));
  EXPECT_EQ(shown.data.settings.get(signal::kUnits), signal::Names{"m/s2"});
  EXPECT_EQ(shown.onnx, "mine.onnx");
  config.data.settings.set(signal::kPath, "/data/sets/");
  EXPECT_EQ(without_folders(config).data.settings.get(signal::kPath), "sets");
  EXPECT_EQ(to_toml(without_folders(Config())), to_toml(Config()));
}

TEST(Config, AnEmptyFileIsTheDefaultStudy) {
  EXPECT_EQ(to_toml(parse_config("", "empty")), to_toml(Config()));
}

TEST(Config, ErrorsNameFileLineAndKey) {
  EXPECT_THAT(error_of("[study]\nname = \"x\"\n[fauls]\n"),
              AllOf(HasSubstr("study.toml:3"), HasSubstr("did you mean 'faults'")));
  EXPECT_THAT(error_of("[faults]\nsevrities = [1]\n"),
              AllOf(HasSubstr("study.toml:2"), HasSubstr("did you mean 'severities'")));
  EXPECT_THAT(error_of("[train]\nepochs = \"many\"\n"),
              AllOf(HasSubstr("'epochs' in [train]"), HasSubstr("expected a whole number")));
  EXPECT_THAT(error_of("[train]\nepochs = 2.5\n"), HasSubstr("expected a whole number"));
  EXPECT_THAT(error_of("[train]\nepochs = -1\n"), HasSubstr("from 0"));
  EXPECT_THAT(error_of("[train]\nsteps = 0\n"), HasSubstr("from 1"));
  EXPECT_THAT(error_of("[train]\nkeep = \"last\"\nbatch_size = 1\n"),
              AllOf(HasSubstr("study.toml:3: 'batch_size' in [train] is 1"), HasSubstr("from 2")));
  EXPECT_THAT(error_of("[model]\narchitecture = \"cn\"\n"), HasSubstr("did you mean 'cnn'"));
  EXPECT_THAT(error_of("[study]\nseeds = []\n"), HasSubstr("at least one value"));
  EXPECT_THAT(error_of("[study]\nseeds = [1, 1]\n"), HasSubstr("each value once"));
  EXPECT_THAT(error_of("[study]\nvariants = [\"ptq_int8\"]\n"), HasSubstr("must hold 'fp32'"));
  EXPECT_THAT(error_of("[faults]\nseverities = [6]\n"), HasSubstr("from 1 to 5"));
  EXPECT_THAT(error_of("study = 3\n"), HasSubstr("expected a table"));
  EXPECT_THAT(error_of("[study\n"), AllOf(HasSubstr("study.toml:1"), HasSubstr("not TOML")));
  EXPECT_THAT(error_of("[data]\nsource = \"csv\"\n"), HasSubstr("needs a 'path'"));
  EXPECT_THAT(error_of("[train]\nlearning_rate = nan\n"), HasSubstr("expected a number"));
}

TEST(Config, EpochsAndStepsExcludeEachOther) {
  EXPECT_THAT(error_of("[train]\nepochs = 20\nsteps = 400\n"),
              AllOf(HasSubstr("study.toml:3: 'steps' in [train] is 400 beside 'epochs' 20"),
                    HasSubstr("leave out 'steps', or set 'epochs' to 0")));
  EXPECT_THAT(error_of("[finetune]\nsteps = 7\nepochs = 1\n"),
              HasSubstr("study.toml:2: 'steps' in [finetune] is 7 beside 'epochs' 1"));
  EXPECT_EQ(error_of("[train]\nsteps = 400\n[finetune]\nepochs = 3\n"), "no error");
  EXPECT_EQ(error_of("[train]\nepochs = 0\nsteps = 400\n"), "no error");
}

// Whoever writes a number of epochs into a printed configuration means it.
TEST(Config, StepsAreACommentBesideANumberOfEpochs) {
  const std::string printed = to_toml(Config());
  EXPECT_THAT(printed, HasSubstr("\nepochs = 0\n"));
  EXPECT_THAT(printed, HasSubstr("\nsteps = 1500\n"));
  std::string changed = printed;
  changed.replace(changed.find("\nepochs = 0\n"), 12, "\nepochs = 20\n");
  const Config config = parse_config(changed, "changed");
  EXPECT_EQ(config.train.epochs, 20);
  EXPECT_THAT(to_toml(config), HasSubstr("\n# steps = 1500\n"));
  const auto count = [](const std::vector<Setting>& settings) {
    return std::ranges::count(settings, "steps", &Setting::key);
  };
  EXPECT_EQ(count(settings_of(Config())), 2);
  EXPECT_EQ(count(settings_of(config)), 1);
}

TEST(Config, KeysOfDataMustFitItsSource) {
  const auto data = [](const std::string& keys) { return error_of("[data]\nsource = " + keys); };
  EXPECT_EQ(data("\"ucr:BasicMotions\"\n"), "no error");
  EXPECT_EQ(data("\"mitbih\"\nboth_leads = true\n"), "no error");
  EXPECT_THAT(data("\"ucr\"\n"), HasSubstr("ucr:NAME"));
  EXPECT_THAT(data("\"ucr:\"\n"), AllOf(HasSubstr("study.toml"), HasSubstr("'' is no name")));
  EXPECT_THAT(data("\"ucr:../x\"\n"), HasSubstr("'../x' is no name"));
  EXPECT_THAT(data("\"mitbhi\"\n"), HasSubstr("did you mean 'mitbih'"));
  EXPECT_THAT(data("\"mat\"\n"), HasSubstr("source 'mat' needs 'files'"));
  EXPECT_THAT(data("\"mat\"\nfiles = [\"a\", \"b\"]\nfile_labels = [\"x\"]\n"),
              HasSubstr("'file_labels' in [data] must be empty or one for each of 'files'"));
  EXPECT_THAT(data("\"ts\"\nfiles = [\"a\", \"b\", \"c\"]\n"), HasSubstr("the test file"));
  EXPECT_THAT(data("\"ts\"\nfiles = [\"a\"]\nunequal_length = \"cut\"\n"),
              HasSubstr("unknown value 'cut'"));
  EXPECT_THAT(data("\"cwru\"\nsensors = [\"XE\"]\n"), HasSubstr("did you mean 'DE'"));
}

TEST(Config, AKeyOfAnotherSourceIsAnErrorThatNamesTheSourcesItIsFor) {
  EXPECT_EQ(error_of("[data]\nsource = \"csv\"\npath = \"x.csv\"\nannotator = \"ecg\"\n"),
            "study.toml:4: 'annotator' in [data] is for wfdb, not for csv");
  EXPECT_EQ(
      error_of("[data]\npath = \"x.csv\"\n"),
      "study.toml:2: 'path' in [data] is for uci_har, mitbih, cwru, ucr:NAME, csv, npz, wfdb, "
      "mat, ts, arff, not for imu");
  EXPECT_EQ(error_of("[data]\nsource = \"ucr:X\"\nseed = 3\n"),
            "study.toml:3: 'seed' in [data] is for imu, bearing, not for ucr:X");
}

TEST(Config, AKeyOfAnotherSourceMayStateItsDefault) {
  const std::string csv = "[data]\nsource = \"csv\"\npath = \"x.csv\"\n";
  EXPECT_EQ(error_of(csv + "annotator = \"atr\"\nsensors = [\"DE\"]\nseed = 1\n"), "no error");
  EXPECT_THAT(error_of(csv + "sensors = [\"DE\", \"FE\"]\n"),
              HasSubstr("is for cwru, not for csv"));
  EXPECT_THAT(error_of(csv + "annotator = 3\n"), HasSubstr("expected a text in quotes"));
}

TEST(Config, DerivedIsATextForAllDerivedChannelsOrAList) {
  const std::string har = "[data]\nsource = \"uci_har\"\n";
  for (const char* text : {"derived = \"copy\"\n", "derived = [\"copy\"]\n"}) {
    const Config config = parse_config(har + text, "study.toml");
    EXPECT_EQ(config.data.settings.get(signal::kDerived), std::vector<std::string>{"copy"});
    EXPECT_THAT(to_toml(config), HasSubstr("\nderived = ['copy']\n"));
  }
  EXPECT_THAT(error_of(har + "derived = 3\n"),
              HasSubstr("study.toml:3: 'derived' in [data] is 3, expected a text or a list"));
  EXPECT_THAT(error_of(har + "derived = \"low_pass(0, 1)\"\n"),
              HasSubstr("study.toml: 'derived' in [data] is 'low_pass(0, 1)' for channel "
                        "'body_acc_x', which is derived: expected how the device computes it, "
                        "'copy', 'high_pass(order, hz)' or 'low_pass(order, hz)'"));
  EXPECT_THAT(error_of("[data]\nsource = \"mitbih\"\nderived = \"copy\"\n"),
              HasSubstr("study.toml:3: 'derived' in [data] is for imu, uci_har, csv"));
}

// What earlier versions printed, and keep in their result stores.
TEST(Config, EveryKeyOfDataAtItsDefaultIsRead) {
  const std::string all =
      "[data]\nsource = \"imu\"\npath = \".\"\npaths = []\nfiles = []\nrate_hz = 0\n"
      "resample_hz = 0\ntime_column = \"\"\nchannels = []\nunits = []\nderived_from = []\n"
      "triads = []\nlabel_column = \"label\"\ngroup_column = \"\"\nseparator = \",\"\n"
      "x_array = \"x\"\ny_array = \"y\"\ngroups_array = \"\"\nchannels_first = false\n"
      "file_labels = []\nfile_groups = []\nrecords = []\nclasses = []\nannotator = \"atr\"\n"
      "unequal_length = \"error\"\nrare_classes = false\nboth_leads = false\n"
      "sensors = [\"DE\"]\nnormal = false\nseed = 1\n";
  Config read = parse_config(all, "stored");
  EXPECT_EQ(read.data.settings.get(signal::kUnequalLength), "error");  // not the default any more
  read.data.settings.set(signal::kUnequalLength, "pad");
  EXPECT_EQ(to_toml(read), to_toml(Config()));
}

TEST(Config, KeysOfOtherSourcesArePrintedAsComments) {
  const std::string text = to_toml(Config());
  EXPECT_THAT(text, HasSubstr("\n# imu, bearing: of the generator.\nseed = 1\n"));
  EXPECT_THAT(text, HasSubstr("\n# wfdb: how names of annotation files end.\n"
                              "# annotator = 'atr'\n"));
  EXPECT_THAT(text, HasSubstr("ts, arff (required): names in `path`: the training file"));
}

// Every source is printed so that it is read back, with the keys that it needs.
TEST(Config, EverySourceIsPrintedAndReadBack) {
  for (const signal::Source& source : signal::sources()) {
    Config config;
    const signal::SourceRequest request = signal::least_request(source);
    config.data = {.source = request.source, .settings = request.settings};
    const Config again = parse_config(to_toml(config), source.name);
    EXPECT_EQ(again.data.settings, config.data.settings) << source.name;
    EXPECT_EQ(to_toml(again), to_toml(config)) << source.name;
  }
}

TEST(Config, RecipesAreTheUsersOwn) {
  const std::string text =
      "[study]\nvariants = [\"fp32\", \"tiny\"]\n[recipes]\ntiny = \"train > prune > ptq\"\n"
      "[against]\ntiny = \"pruned_int8\"\n";
  const Config config = parse_config(text, "study.toml");
  const Variants variants = config.all_variants();
  EXPECT_EQ(variants.at("tiny").recipe.text(), "train > prune > ptq");
  EXPECT_EQ(to_toml(parse_config(to_toml(config), "printed")), to_toml(config));
  EXPECT_THAT(error_of("[study]\nvariants = [\"fp32\", \"tyni\"]\n[recipes]\ntiny = \"train\"\n"),
              HasSubstr("unknown variant 'tyni' (known: fp32"));
  EXPECT_THAT(error_of("[recipes]\ntiny = \"tran\"\n"), HasSubstr("unknown step 'tran'"));
  EXPECT_THAT(error_of("[recipes]\ntiny = 3\n"), HasSubstr("'tiny' in [recipes] is 3"));
}

TEST(Config, ClaimsAreCheckedBeforeAnythingIsTrained) {
  const std::string claim =
      "[[claim]]\ntext = \"a \\\"b\\\"\"\ncheck = \"RA(qat_int8) > RA(fp32)\"\n";
  const Config config = parse_config(claim + "[[claim]]\ncheck = \"bytes(fp32) < 9\"\n", "x.toml");
  ASSERT_EQ(config.claims.size(), 2U);
  EXPECT_EQ(config.claims[0].text, "a \"b\"");
  EXPECT_EQ(config.claims[1].place, "x.toml:5");
  EXPECT_EQ(to_toml(parse_config(to_toml(config), "printed")), to_toml(config));
  EXPECT_THAT(error_of(claim + "[[claim]]\ncheck = \"RA(fp32) > \"\n"),
              AllOf(HasSubstr("study.toml:5: 'check' in [[claim]]: 'RA(fp32) >'"),
                    HasSubstr("expected a number or a metric")));
  EXPECT_THAT(error_of("[study]\nvariants = [\"fp32\"]\n" + claim),
              HasSubstr("'qat_int8' is no variant of the study"));
  EXPECT_THAT(error_of("[[claim]]\ncheck = \"accuracy(fp32, hum) > 0.5\"\n"),
              HasSubstr("'hum' is no fault of the study"));
  EXPECT_THAT(error_of("[[claim]]\nchek = \"\"\n"),
              AllOf(HasSubstr("study.toml:2"), HasSubstr("did you mean 'check'?")));
  EXPECT_THAT(error_of("[[claim]]\ntext = \"x\"\n"), HasSubstr("study.toml:1: [[claim]] needs"));
  EXPECT_THAT(error_of("[[claim]]\ncheck = 3\n"), HasSubstr("'check' in [[claim]] is 3"));
  EXPECT_THAT(error_of("[claim]\ncheck = \"\"\n"), HasSubstr("expected tables: [[claim]]"));
}

// Files in a folder of the test's own.
class Bases : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }
  std::string error_of(const std::filesystem::path& path) const {
    try {
      read_config(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      return error.what();
    }
    return "no error";
  }

  TempFolder folder_;
};

TEST_F(Bases, LaterFilesReplaceKeyByKeyAndAddClaims) {
  write("data.toml", "[window]\nlength = 64\nhop = 16\n[study]\nname = \"data\"\n");
  write("variants.toml",
        "[study]\nname = \"variants\"\nvariants = [\"fp32\", \"a\"]\n[recipes]\n"
        "a = \"train > ptq\"\n[[claim]]\ncheck = \"RA(a) > 0.5\"\n");
  const auto path = write("study.toml",
                          "base = [\"data.toml\", \"variants.toml\"]\n[window]\nhop = 32\n"
                          "[[claim]]\ncheck = \"RA(fp32) > 0.5\"\n");
  const Config config = read_config(path);
  EXPECT_EQ(config.window.length, 64);
  EXPECT_EQ(config.window.hop, 32);
  EXPECT_EQ(config.name, "variants");
  EXPECT_EQ(config.variants, (std::vector<std::string>{"fp32", "a"}));
  ASSERT_EQ(config.claims.size(), 2U);
  EXPECT_THAT(config.claims[0].place, HasSubstr("variants.toml:7"));
  EXPECT_EQ(to_toml(parse_config(to_toml(config), "printed")), to_toml(config));
  EXPECT_EQ(read_claims(path).size(), 2U);
}

TEST_F(Bases, AKeyIsHeldAgainstTheSourceOfTheLastFile) {
  write("keys.toml", "[data]\npath = \"x.csv\"\nlabel_column = \"who\"\n");
  const auto with = [&](const std::string& data) {
    return write("study.toml", "base = \"keys.toml\"\n[data]\n" + data);
  };
  EXPECT_EQ(read_config(with("source = \"csv\"\n")).data.source, "csv");
  EXPECT_THAT(error_of(with("source = \"npz\"\n")),
              HasSubstr("keys.toml:3: 'label_column' in [data] is for csv, not for npz"));
}

TEST_F(Bases, ErrorsNameTheFileThatIsWrong) {
  write("bad.toml", "[study]\n[train]\nepoch = 3\n");
  EXPECT_THAT(error_of(write("a.toml", "base = \"bad.toml\"\n")),
              AllOf(HasSubstr("bad.toml:3"), HasSubstr("did you mean 'epochs'?")));
  EXPECT_THAT(error_of(write("b.toml", "\nbase = \"none.toml\"\n")),
              AllOf(HasSubstr("b.toml:2"), HasSubstr("'none.toml', which is no file")));
  const std::string long_name(1000, 'a');
  EXPECT_THAT(error_of(write("long.toml", "base = \"" + long_name + "\"\n")),
              HasSubstr("which is no file"));
  EXPECT_THAT(error_of(write("c.toml", "base = [3]\n")), HasSubstr("a file's name in quotes"));
  EXPECT_THAT(error_of(write("d.toml", "base = \"d.toml\"\n")), HasSubstr("is one its own?"));
  write("claim.toml", "[[claim]]\ncheck = \"RA(qat_int8) > 0.5\"\n");
  EXPECT_THAT(error_of(write("e.toml", "base = \"claim.toml\"\n[study]\nvariants = [\"fp32\"]\n")),
              HasSubstr("claim.toml:2: 'check' in [[claim]]: "));
}

TEST(Config, ANetworkOfOnesOwnIsTrainedAlready) {
  const std::string model = "[model]\nonnx = \"mine.onnx\"\n";
  const Config config = parse_config(model, "study.toml");
  EXPECT_EQ(config.onnx, "mine.onnx");
  const Variants variants = config.all_variants();
  EXPECT_THAT(variants.at("fp32").meaning, HasSubstr("[model] onnx"));
  EXPECT_EQ(error_of(model + "[recipes]\na = \"train > finetune(faults=true)\"\n"), "no error");
  for (const char* step : {"train(faults=true)", "train(epochs=3)", "train(teacher=fp32)",
                           "train(architecture=tcn)"}) {
    EXPECT_THAT(error_of(model + "[recipes]\na = \"" + step + " > ptq\"\n"),
                AllOf(HasSubstr(step), HasSubstr("'finetune(...)'")));
  }
  EXPECT_THAT(error_of(model + "architecture = \"tcn\"\n"),
              HasSubstr("'architecture' and 'onnx' in [model] exclude each other"));
}

}  // namespace
}  // namespace edgeproof::experiment
