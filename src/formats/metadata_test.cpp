#include "formats/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"

namespace edgeproof::formats {
namespace {

using testing::HasSubstr;
using Metadata = std::map<std::string, std::string>;

Deployment sample() {
  return {.window_length = 4,
          .hop = 2,
          .rate_hz = 1000.0 / 3,
          .channels = {{"acc_x", "g", 0},
                       {"acc \"y\"\n", "m/s²", 1},
                       {"norm", "g", 0, {signal::FilterKind::high_pass, 3, 0.1 + 0.2}}},
          .pipeline = {signal::Imputation::linear,
                       {{0.1F, -0x1p-149F, 3e38F}, {1.0F / 3, 0x1.000002p0F, 7}}},
          .labels = {"walk", "stand"},
          .provenance = {"ab12", "[train]\nepochs = 3\n", std::numeric_limits<std::uint64_t>::max(),
                         "0.1.0", "int8", "train > ptq", "cd34", "ef56"},
          .trained_on = TrainedOn{{3, 1U << 31}, false}};
}

std::string message_of(const Metadata& metadata) {
  try {
    from_metadata(metadata, "m.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string with(const std::string& key, const std::string& value) {
  Metadata metadata = to_metadata(sample());
  metadata[key] = value;
  return message_of(metadata);
}

TEST(Metadata, ADeploymentComesBackBitByBitThroughAModel) {
  const Deployment sent = sample();
  const std::string bytes = to_onnx({two_dense_layers(), to_metadata(sent)});
  const Deployment got = from_metadata(from_onnx(bytes, "m.onnx").metadata, "m.onnx");
  EXPECT_EQ(got.window_length, sent.window_length);
  EXPECT_EQ(got.hop, sent.hop);
  EXPECT_EQ(got.rate_hz, sent.rate_hz);
  ASSERT_EQ(got.channels.size(), sent.channels.size());
  for (std::size_t i = 0; i < got.channels.size(); ++i) {
    EXPECT_EQ(got.channels[i].name, sent.channels[i].name);
    EXPECT_EQ(got.channels[i].unit, sent.channels[i].unit);
    EXPECT_EQ(got.channels[i].source, sent.channels[i].source);
    EXPECT_EQ(got.channels[i].filter, sent.channels[i].filter);
  }
  EXPECT_EQ(got.pipeline.imputation, sent.pipeline.imputation);
  EXPECT_EQ(got.pipeline.statistics.mean, sent.pipeline.statistics.mean);
  EXPECT_EQ(got.pipeline.statistics.sd, sent.pipeline.statistics.sd);
  EXPECT_EQ(got.labels, sent.labels);
  EXPECT_EQ(got.provenance, sent.provenance);
  EXPECT_EQ(got.trained_on, sent.trained_on);
}

TEST(Metadata, ADerivedChannelWithoutAFilterIsACopyAsInOldModels) {
  Metadata metadata = to_metadata(sample());
  metadata.at("edgeproof.channels") =
      R"([{"name": "a", "unit": "g", "source": 0}, {"name": "b", "unit": "g", "source": 0}])";
  metadata.at("edgeproof.statistics") = R"({"mean": [0, 0], "sd": [1, 1]})";
  EXPECT_EQ(from_metadata(metadata, "m.onnx").channels[1].filter, signal::Filter{});
}

TEST(Metadata, AFilterThatIsNoneOrCannotRunIsAnError) {
  const auto error = [](const std::string& filter) {
    return with("edgeproof.channels",
                R"([{"name": "a", "unit": "g", "source": 0}, {"name": "b", "unit": "g", )"
                R"("source": 0, "filter": )" +
                    filter + R"(}, {"name": "c", "unit": "g", "source": 2}])");
  };
  EXPECT_THAT(error("\"high_pass(3)\""), HasSubstr("expected 'copy', 'high_pass(order, hz)'"));
  EXPECT_THAT(error("3"), HasSubstr("item 1, 'filter': found 3, expected a text"));
  EXPECT_THAT(error("\"low_pass(2, 200)\""),
              HasSubstr("channel 'b' has the filter low_pass(2, 200): the cut-off must be above"));
}

TEST(Metadata, OtherKeysAreLeftAlone) {
  Metadata metadata = to_metadata(sample());
  metadata["someone.else"] = "not JSON";
  EXPECT_EQ(message_of(metadata), "no error");
}

TEST(Metadata, EveryKeyOfThePipelineIsNeededAndNamed) {
  const Metadata whole = to_metadata(with_provenance(sample(), ProvenanceDetail::none));
  EXPECT_EQ(whole.size(), 6U);
  for (const auto& [key, value] : whole) {
    Metadata metadata = whole;
    metadata.erase(key);
    EXPECT_THAT(message_of(metadata), HasSubstr("m.onnx: metadata '" + key + "' is missing"));
    for (const char* wrong : {"", "{", "null", "{}", "[1, \"a\"]", "-1", "1e999"}) {
      EXPECT_THAT(with(key, wrong), HasSubstr("metadata '" + key + "'")) << wrong;
    }
  }
}

TEST(Metadata, ProvenanceIsInShortUnlessItIsAskedForInFullOrNotAtAll) {
  const Deployment whole = sample();
  const Deployment brief = with_provenance(whole, ProvenanceDetail::brief);
  EXPECT_EQ(brief.provenance.config, "");
  EXPECT_EQ(brief.provenance.config_checksum, "cd34");
  EXPECT_EQ(brief.provenance.recipe, "train > ptq");
  EXPECT_EQ(brief.trained_on, whole.trained_on);
  EXPECT_EQ(with_provenance(whole, ProvenanceDetail::full).provenance, whole.provenance);
  const Metadata none = to_metadata(with_provenance(whole, ProvenanceDetail::none));
  EXPECT_FALSE(none.contains("edgeproof.provenance"));
  EXPECT_FALSE(none.contains("edgeproof.trained_on"));
  const Deployment read = from_metadata(none, "m.onnx");
  EXPECT_EQ(read.provenance, Provenance{});
  EXPECT_FALSE(read.trained_on);
}

TEST(Metadata, ProvenanceOfTheFirstVersionIsRead) {
  Metadata metadata = to_metadata(sample());
  metadata["edgeproof.provenance"] =
      R"({"data_checksum": "ab", "config": "[data]", "seed": 7, "version": "0.1.0"})";
  const Deployment read = from_metadata(metadata, "m.onnx");
  EXPECT_EQ(read.provenance, (Provenance{"ab", "[data]", 7, "0.1.0"}));
  const Provenance brief = with_provenance(read, ProvenanceDetail::brief).provenance;
  EXPECT_EQ(brief.config, "");
  EXPECT_EQ(brief.config_checksum,
            "5049bca164a9cca19054b3f2924cb66e3da6886f122c125120320e62441f6094");
}

TEST(Metadata, ProvenanceOfANewerFormatIsAnError) {
  EXPECT_EQ(with("edgeproof.provenance", R"({"format": 3, "seed": 1})"),
            "m.onnx: metadata 'edgeproof.provenance', 'format': found 3, expected 2: a newer "
            "edgeproof wrote the file; use that, or take this key out of the file's metadata");
  EXPECT_THAT(with("edgeproof.trained_on", R"({"format": 2})"),
              HasSubstr("'edgeproof.trained_on', 'format': found 2, expected 1"));
  for (const char* wrong :
       {"", "{", "null", "[1]", R"({"seed": -1})", R"({"config": 3})", R"({"format": "2"})"}) {
    EXPECT_THAT(with("edgeproof.provenance", wrong), HasSubstr("metadata 'edgeproof.provenance'"))
        << wrong;
  }
  for (const char* wrong : {"", "{}", R"({"format": 1, "complete": true})",
                            R"({"format": 1, "complete": 1, "digests": ""})",
                            R"({"format": 1, "complete": true, "digests": "A"})"}) {
    EXPECT_THAT(with("edgeproof.trained_on", wrong),
                HasSubstr("m.onnx: metadata 'edgeproof.trained_on'"))
        << wrong;
  }
}

TEST(Metadata, WrongValuesAreShownWithWhatWasExpected) {
  EXPECT_EQ(
      with("edgeproof.window", R"({"length": 4.5, "hop": 2})"),
      "m.onnx: metadata 'edgeproof.window', 'length': found 4.5, expected an integer from 1 to "
      "1048576");
  EXPECT_EQ(with("edgeproof.labels", R"(["walk", 2])"),
            "m.onnx: metadata 'edgeproof.labels', item 1: found 2, expected a text");
  EXPECT_THAT(with("edgeproof.imputation", R"("linaer")"), HasSubstr("did you mean 'linear'?"));
  EXPECT_THAT(with("edgeproof.statistics", R"({"mean": [0, 0, 0], "sd": [1, 0, 1]})"),
              HasSubstr("an sd is not positive"));
  EXPECT_THAT(with("edgeproof.statistics", R"({"mean": [0, 0], "sd": [1, 1, 1]})"),
              HasSubstr("2 means and 3 sd for 3 channels"));
  EXPECT_THAT(with("edgeproof.statistics", R"({"mean": [0, 0, 1e99], "sd": [1, 1, 1]})"),
              HasSubstr("a mean is not finite"));
  EXPECT_THAT(with("edgeproof.channels", R"([{"name": "a", "unit": "", "source": 1}])"),
              HasSubstr("channel 'a' has the source 1, expected 0 to 0"));
  EXPECT_THAT(with("edgeproof.labels", "[]"), HasSubstr("is empty"));
}

TEST(Metadata, WhatCouldNotBeReadIsNotWritten) {
  Deployment deployment = sample();
  deployment.labels[0] = "\xff";
  EXPECT_THROW(to_metadata(deployment), Error);
  deployment = sample();
  deployment.rate_hz = NAN;
  EXPECT_THROW(to_metadata(deployment), Error);
}

TEST(Metadata, MustFitTheNetwork) {
  const auto message = [](const Deployment& deployment) -> std::string {
    try {
      expect_fits(deployment, two_dense_layers(), "m.onnx");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(sample()), "no error");
  Deployment deployment = sample();
  deployment.pipeline.imputation = signal::Imputation::mask;
  EXPECT_EQ(message(deployment), "m.onnx: the network has 3 input channels, its metadata says 4");
  deployment = sample();
  deployment.window_length = 5;
  EXPECT_THAT(message(deployment), HasSubstr("4 samples a window"));
  deployment = sample();
  deployment.labels.push_back("run");
  EXPECT_THAT(message(deployment), HasSubstr("2 outputs"));
}

}  // namespace
}  // namespace edgeproof::formats
