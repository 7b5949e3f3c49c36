#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "report/example_data_testing.h"
#include "report/page.h"

namespace edgeproof::report {

using testing::HasSubstr;
using testing::Not;

// The JSON value in a page, found as an HTML parser would: up to the first "</script".
static std::string data_in(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = html.find(open) + open.size();
  return html.substr(begin, html.find("</script", begin) - begin);
}

static int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Report, IsOneFileThatAsksForNothing) {
  const std::string html = render(example_data());
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, Not(HasSubstr("unsafe-eval")));
  EXPECT_THAT(html, Not(HasSubstr("@EDGEPROOF_")));
  EXPECT_THAT(html, Not(HasSubstr("<script src")));
  EXPECT_THAT(html, Not(HasSubstr("<link rel=\"stylesheet")));
  EXPECT_THAT(html, Not(HasSubstr("sourceMappingURL")));
  EXPECT_LT(html.size(), 2u << 20);
}

TEST(Report, NamesTheLicencesOfWhatItEmbeds) {
  if (!page_lacks().empty()) GTEST_SKIP() << page_lacks();
  const std::string html = render({});
  EXPECT_GE(count(html, "Redistributions in binary form"), 3);
}

TEST(Report, SameDataGivesTheSameBytes) {
  EXPECT_EQ(render(example_data()), render(example_data()));
}

TEST(Report, DataChangesNothingButTheData) {
  std::string full = render(example_data());
  std::string empty = render({});
  const std::string data = data_in(full);
  full.replace(full.find(data), data.size(), "");
  const std::string nothing = data_in(empty);
  empty.replace(empty.find(nothing), nothing.size(), "");
  EXPECT_EQ(full, empty);
}

TEST(Report, HostileNamesStayText) {
  const std::string hostile = "</script><script>alert(1)</script><!--<b>\"'\\&\u2028";
  ReportData data = example_data();
  data.study = hostile;
  data.variants[0].name = hostile;
  data.dataset.classes[0] = hostile;
  data.config_toml = hostile;
  const std::string html = render(data);
  EXPECT_EQ(count(html, "<script"), count(render({}), "<script"));
  EXPECT_EQ(count(html, "</script"), count(render({}), "</script"));
  const auto json = nlohmann::json::parse(data_in(html));
  EXPECT_EQ(json["study"], hostile);
  EXPECT_EQ(json["variants"][0]["name"], hostile);
  EXPECT_EQ(json["dataset"]["classes"][0], hostile);
  EXPECT_EQ(json["config_toml"], hostile);
}

RC_GTEST_PROP(Report, AnyBytesGiveValidJsonWithoutLessThan, (const std::string& bytes)) {
  ReportData data;
  data.study = bytes;
  data.machine = {{bytes, "<" + bytes}};
  const std::string text = to_json(data);
  RC_ASSERT(text.find('<') == std::string::npos);
  RC_ASSERT(nlohmann::json::accept(text));
}

TEST(Report, AsciiTextComesThroughUnchanged) {
  ReportData data;
  for (char c = 1; c < 127; ++c) data.study += c;
  EXPECT_EQ(nlohmann::json::parse(to_json(data))["study"], data.study);
}

TEST(Report, NotMeasuredIsNullAndNeverIsBeyond) {
  ReportData data;
  data.variants.resize(1);
  data.fault_summaries.resize(1);
  data.fault_summaries[0].breaking_point = {std::numeric_limits<double>::infinity(), 4.5,
                                            kNotMeasured};
  const auto json = nlohmann::json::parse(to_json(data));
  EXPECT_TRUE(json["variants"][0]["latency_us"].is_null());
  EXPECT_EQ(json["variants"][0]["clean_accuracy"], nlohmann::json::parse("[null, null, null]"));
  EXPECT_EQ(json["variants"][0]["macs"], -1);
  EXPECT_EQ(json["fault_summaries"][0]["breaking_point"],
            nlohmann::json::parse("[\"beyond\", 4.5, null]"));
}

TEST(Report, NumbersKeepEveryBit) {
  ReportData data;
  data.seeds = {18446744073709551615u};
  data.variants.resize(1);
  data.variants[0].metrics[experiment::Metric::clean] = {0.1 + 0.2, 1. / 3, 5e-324};
  data.variants[0].macs = 1LL << 52;
  const auto json = nlohmann::json::parse(to_json(data));
  EXPECT_EQ(json["seeds"][0], "18446744073709551615");
  EXPECT_EQ(json["variants"][0]["clean_accuracy"][0].get<double>(), 0.1 + 0.2);
  EXPECT_EQ(json["variants"][0]["clean_accuracy"][1].get<double>(), 1. / 3);
  EXPECT_EQ(json["variants"][0]["clean_accuracy"][2].get<double>(), 5e-324);
  EXPECT_EQ(json["variants"][0]["macs"].get<std::int64_t>(), 1LL << 52);
}

TEST(Report, EveryMemberIsInTheJson) {
  const ReportData data = example_data();
  const auto json = nlohmann::json::parse(to_json(data));
  const auto names = [](const nlohmann::json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
  };
  using testing::UnorderedElementsAre;
  EXPECT_THAT(
      names(json),
      UnorderedElementsAre("study", "verdict", "dataset", "metrics", "variants", "baseline",
                           "error_free_faults", "faults", "results", "fault_summaries", "diagnoses",
                           "diagnosis_windows", "comparisons", "claims", "agreements",
                           "target_costs", "trainings", "training_lengths", "trials",
                           "search_budget", "seeds", "interval_method", "latency_method", "machine",
                           "version", "config_toml", "reproduce", "progress"));
  EXPECT_THAT(names(json["variants"][0]),
              UnorderedElementsAre(
                  "name", "description", "control", "simulated", "clean_accuracy", "macro_f1",
                  "robust_accuracy", "robust_accuracy_at", "worst_fault_accuracy", "worst_fault",
                  "mfe", "relative_mfe", "flip_rate", "latency_us", "latency_us_p99",
                  "latency_disturbed", "weight_bytes", "coded_weight_bytes", "arena_bytes", "macs",
                  "layers", "no_better", "balanced_accuracy", "robust_balanced_accuracy"));
  EXPECT_EQ(json["results"].size(), data.results.size());
  EXPECT_EQ(json["variants"].size(), data.variants.size());
  for (std::size_t i = 0; i < data.results.size(); ++i) {
    const auto& r = json["results"][i];
    EXPECT_EQ(r["variant"], data.results[i].variant);
    EXPECT_EQ(r["fault"], data.results[i].fault);
    EXPECT_EQ(r["severity"], data.results[i].severity);
    EXPECT_EQ(r["accuracy"][0], data.results[i].accuracy.value);
    EXPECT_EQ(r["macro_f1"][2], data.results[i].macro_f1.hi);
    EXPECT_EQ(r["ece"], data.results[i].ece);
    EXPECT_EQ(r["flip_rate"], data.results[i].flip_rate);
    EXPECT_EQ(r["confusion"], nlohmann::json(data.results[i].confusion));
    EXPECT_EQ(r["clip_rates"], nlohmann::json(data.results[i].clip_rates));
  }
  EXPECT_EQ(json["diagnoses"].size(), data.diagnoses.size());
  EXPECT_THAT(names(json["diagnoses"][0]),
              UnorderedElementsAre("variant", "fault", "severity", "agreement", "sqnr_db",
                                   "alone_db", "alone_agreement", "blamed"));
  EXPECT_EQ(json["diagnoses"][0]["sqnr_db"], nlohmann::json(data.diagnoses[0].sqnr_db));
  EXPECT_EQ(json["trainings"].size(), data.trainings.size());
  EXPECT_THAT(names(json["trainings"][0]),
              UnorderedElementsAre("recipe", "variants", "curves", "marks", "notes"));
  EXPECT_THAT(names(json["trainings"][0]["curves"][0]),
              UnorderedElementsAre("seed", "kept_epoch", "train_loss", "validation_loss",
                                   "validation_accuracy"));
  EXPECT_EQ(json["trainings"][0]["curves"][0]["train_loss"],
            nlohmann::json(data.trainings[0].curves[0].train_loss));
  EXPECT_EQ(json["machine"][0], nlohmann::json({"Processor", "AMD EPYC 7763, 2 cores"}));
}

}  // namespace edgeproof::report
