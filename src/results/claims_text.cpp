#include "results/claims_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

bool has_interval(const JudgedClaim& claim) {
  return claim.p_adjusted || claim.difference.lo != claim.difference.hi;
}

std::string p_text(double p) {
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

const std::string& in_words(const experiment::Claim& claim) {
  return claim.text.empty() ? claim.check : claim.text;
}

std::string finding(const JudgedClaim& claim) {
  if (claim.verdict == Verdict::not_applicable) return claim.reason;
  std::string text =
      fmt::format("{} against {}, difference {}", value_text(claim.left, claim.quantity),
                  value_text(claim.right, claim.quantity), difference_text(claim));
  if (claim.p_adjusted) text += ", " + p_text(*claim.p_adjusted);
  return text;
}

constexpr const char* kMethod =
    "Differences are left minus right, with 95 % bootstrap intervals; verdicts at the 95 % level "
    "after Holm's\ncorrection over the claims that depend on what is drawn.\n";

}  // namespace

std::string difference_text(const JudgedClaim& claim) {
  return has_interval(claim) ? difference_text(claim.difference, claim.quantity)
                             : difference_text(claim.difference.value, claim.quantity);
}

std::string about_study(const experiment::Config& config, const Predictions& p,
                        const store::StudyFacts& facts) {
  const std::set<std::int32_t> groups(p.test.groups.begin(), p.test.groups.end());
  return fmt::format(
      "{} seeds; {} test windows of {}; {} at severities {}; network {}, {} epochs of FP32 "
      "training, {} of each further one",
      p.seeds, p.test.labels.size(),
      groups.size() == 1 ? "one group" : fmt::format("{} groups", groups.size()),
      join(p.faults, ", "), fmt::join(p.severities, ", "),
      config.onnx.empty() ? config.architecture : config.onnx, facts.train_epochs,
      facts.finetune_epochs);
}

std::string claims_table(const std::vector<JudgedClaim>& claims) {
  std::string text;
  for (const JudgedClaim& c : claims) {
    constexpr const char* kIndent = "                ";
    text += fmt::format("{:<16}{}{}\n", name_of(c.verdict), in_words(c.claim),
                        c.claim.source.empty() ? "" : fmt::format(" ({})", c.claim.source));
    if (!c.claim.text.empty()) text += fmt::format("{}{}\n", kIndent, c.claim.check);
    text += fmt::format("{}{}\n", kIndent, finding(c));
  }
  return text + kMethod;
}

std::string claims_markdown(const std::vector<StudyClaims>& studies) {
  std::string text = "| claim | check |", rule = "|---|---|";
  std::vector<const experiment::Claim*> rows;
  for (const StudyClaims& study : studies) {
    text += fmt::format(" {} |", markdown_cell(study.study));
    rule += "---|";
    for (const JudgedClaim& judged : study.claims) {
      const auto same = [&](const experiment::Claim* claim) {
        return claim->check == judged.claim.check;
      };
      if (std::ranges::none_of(rows, same)) rows.push_back(&judged.claim);
    }
  }
  text += "\n" + rule + "\n";
  for (const experiment::Claim* row : rows) {
    text += fmt::format("| {} | `{}` |", markdown_cell(in_words(*row)), markdown_cell(row->check));
    for (const StudyClaims& study : studies) {
      const auto same = [&](const JudgedClaim& c) { return c.claim.check == row->check; };
      const auto found = std::ranges::find_if(study.claims, same);
      if (found == study.claims.end()) {
        text += " |";
      } else if (found->verdict == Verdict::not_applicable) {
        text += fmt::format(" {}: {} |", name_of(found->verdict), markdown_cell(found->reason));
      } else {
        text += fmt::format(" **{}** {} against {}: {} |", name_of(found->verdict),
                            value_text(found->left, found->quantity),
                            value_text(found->right, found->quantity), difference_text(*found));
      }
    }
    text += "\n";
  }
  text += "\n";
  for (const StudyClaims& study : studies) {
    if (!study.about.empty())
      text += fmt::format("- {}: {}.\n", markdown_cell(study.study), study.about);
  }
  return text + "\n" + kMethod;
}

std::string claims_json(const std::vector<StudyClaims>& studies) {
  auto all = nlohmann::ordered_json::array();
  for (const StudyClaims& study : studies) {
    for (const JudgedClaim& c : study.claims) {
      nlohmann::ordered_json o;
      o["study"] = study.study;
      o["text"] = c.claim.text;
      o["check"] = c.claim.check;
      o["source"] = c.claim.source;
      o["verdict"] = name_of(c.verdict);
      if (c.verdict == Verdict::not_applicable) {
        o["reason"] = c.reason;
      } else {
        o["left"] = c.left;
        o["right"] = c.right;
        o["difference"] = c.difference.value;
        o["difference_lo"] = c.difference.lo;
        o["difference_hi"] = c.difference.hi;
        o["p_adjusted"] = c.p_adjusted ? nlohmann::ordered_json(*c.p_adjusted) : nullptr;
      }
      all.push_back(std::move(o));
    }
  }
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string claims_csv(const std::vector<StudyClaims>& studies) {
  std::string text =
      "study,check,verdict,left,right,difference,difference_lo,difference_hi,p_adjusted,text\n";
  for (const StudyClaims& study : studies) {
    for (const JudgedClaim& c : study.claims) {
      text += fmt::format("{},{},{},", quoted_csv_field(study.study),
                          quoted_csv_field(c.claim.check), name_of(c.verdict));
      if (c.verdict == Verdict::not_applicable) {
        text += ",,,,,,";
      } else {
        text += fmt::format("{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},", c.left, c.right,
                            c.difference.value, c.difference.lo, c.difference.hi);
        if (c.p_adjusted) text += fmt::format("{:.6f}", *c.p_adjusted);
        text += ",";
      }
      text += quoted_csv_field(c.claim.text) + "\n";
    }
  }
  return text;
}

}  // namespace edgeproof::results
