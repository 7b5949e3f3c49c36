// Test: inspect_test.sh.

#include "cli/inspect_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compress/coded_weights.h"
#include "core/text.h"
#include "graph/cost.h"
#include "graph/traits.h"
#include "runtime/plan.h"

namespace edgeproof::cli {
namespace {

using compress::LayerDiagnosis;
using compress::Range;
using nlohmann::ordered_json;

// The first column is flush left, as is the second; the others are numbers.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += c < 2 ? fmt::format("{:<{}}  ", row[c], widths[c])
                    : fmt::format("{:>{}}  ", row[c], widths[c]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string range_text(Range range) {
  return fmt::format("{:.3g} to {:.3g}", range.min, range.max);
}

Range representable(graph::Quantization q) {
  return {q.scale * static_cast<float>(q.lowest() - q.zero_point),
          q.scale * static_cast<float>(q.highest() - q.zero_point)};
}

std::string db_text(double db) {
  if (std::isnan(db)) return "-";
  return std::isinf(db) && db > 0 ? "exact" : fmt::format("{:.1f}", db);
}

// What the name of an operation does not say of it, for tables.
struct Details {
  std::string operator()(const graph::Conv1d& conv) const {
    std::string text = fmt::format(", kernel {}", conv.kernel);
    if (conv.stride > 1) text += fmt::format(", stride {}", conv.stride);
    if (conv.dilation > 1) text += fmt::format(", dilation {}", conv.dilation);
    return text + followed_by(conv.activation);
  }
  std::string operator()(const graph::Dense& dense) const { return followed_by(dense.activation); }
  template <graph::OneOf<graph::MaxPool, graph::AveragePool> Pool>
  std::string operator()(const Pool& pool) const {
    return fmt::format(", kernel {}, stride {}", pool.kernel, pool.stride);
  }
  std::string operator()(const graph::Elementwise& op) const {
    const bool is_elu = op.function == graph::Elementwise::Function::elu;
    return is_elu ? fmt::format(", alpha {}", op.alpha) : "";
  }
  template <graph::OneOf<graph::Input, graph::BatchNorm, graph::Relu, graph::GlobalAveragePool,
                         graph::Add, graph::Mul, graph::Concat>
                Operation>
  std::string operator()(const Operation&) const {
    return {};
  }

  static std::string followed_by(graph::Activation activation) {
    return activation == graph::Activation::relu ? ", relu" : "";
  }
};

std::string type_text(const graph::Op& op) {
  return std::string(graph::op_name(op)) + std::visit(Details{}, op);
}

std::string layer_table(const InspectedFile& file, const runtime::Plan& plan) {
  const auto macs = graph::macs_per_node(file.graph);
  std::vector<std::vector<std::string>> rows{
      {"layer", "type", "output", "MACs", "weight bytes", "coded", "scale", "zero point", "range"}};
  for (std::size_t n = 0; n < macs.size(); ++n) {
    const graph::Node& node = file.graph.nodes[n];
    const graph::Shape shape = plan.shapes()[n];
    const auto& q = node.quantization;
    rows.push_back(
        {node.name, type_text(node.op), fmt::format("{} x {}", shape.length, shape.channels),
         fmt::format("{}", macs[n]), fmt::format("{}", graph::weight_bytes(node)),
         fmt::format("{}", compress::coded_weight_bytes(node)),
         q ? fmt::format("{:.6g}", q->scale) : "-", q ? fmt::format("{}", q->zero_point) : "-",
         q ? range_text(representable(*q)) : "-"});
  }
  return table(rows);
}

// One line for each thing that the file says of where it comes from.
std::string provenance_lines(const formats::Deployment& d) {
  const formats::Provenance& p = d.provenance;
  if (p == formats::Provenance{} && !d.trained_on) {
    return "made by     not in the file\n";
  }
  std::string text = fmt::format("made by     edgeproof {}, seed {}\n", p.version, p.seed);
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:12}{}\n", name, value);
  };
  add("variant", p.variant);
  add("recipe", p.recipe);
  add("data", p.data_checksum);
  add("config", p.config_checksum);
  add("parent", p.parent_checksum);
  if (d.trained_on) {
    add("trained on", fmt::format("{} recordings{}", d.trained_on->digests.size(),
                                  d.trained_on->complete ? "" : ", and others of their groups"));
  }
  return text;
}

std::string pipeline_table(const formats::Deployment& d) {
  std::string text = fmt::format(
      "window      {} samples ({:.4g} s), hop {}, {:.6g} Hz\nimputation  {}\nclasses     {}: {}\n"
      "{}\n",
      d.window_length, d.window_length / d.rate_hz, d.hop, d.rate_hz,
      signal::imputation_name(d.pipeline.imputation), d.labels.size(), join(d.labels, ", "),
      provenance_lines(d));
  std::vector<std::vector<std::string>> rows{{"channel", "unit", "mean", "sd"}};
  for (std::size_t c = 0; c < d.channels.size(); ++c) {
    const std::string& unit = d.channels[c].unit;
    rows.push_back({d.channels[c].name, unit.empty() ? "-" : unit,
                    fmt::format("{:.6g}", d.pipeline.statistics.mean[c]),
                    fmt::format("{:.6g}", d.pipeline.statistics.sd[c])});
  }
  return text + table(rows);
}

std::string condition_text(const InspectedCondition& on) {
  if (on.fault.empty()) return "clean";
  return fmt::format("{}, severity {}", on.fault, on.severity);
}

std::string condition_table(const InspectedCondition& on) {
  const compress::Diagnosis& d = on.diagnosis;
  const LayerDiagnosis& blamed = d.layers[static_cast<std::size_t>(d.blamed)];
  std::string text = fmt::format(
      "{}: the reference's label on {:.1f} % of windows, class probabilities at {} dB\n"
      "most to blame: {}, which alone leaves {:.1f} % and {} dB\n",
      condition_text(on), 100 * d.agreement, db_text(d.output_db), blamed.name,
      100 * blamed.alone_agreement, db_text(blamed.alone_db));
  std::vector<std::vector<std::string>> rows{{"layer", "type", "SQNR dB", "alone dB",
                                              "alone labels %", "clipped %", "seen", "int8",
                                              "weights dB", "weights", "scale spread"}};
  for (const LayerDiagnosis& l : d.layers) {
    const bool weights = !std::isnan(l.weight_db);
    rows.push_back(
        {l.name, l.op, db_text(l.sqnr_db), db_text(l.alone_db),
         std::isnan(l.alone_agreement) ? "-" : fmt::format("{:.1f}", 100 * l.alone_agreement),
         fmt::format("{:.3f}", 100 * l.clip_rate), range_text(l.seen), range_text(l.representable),
         db_text(l.weight_db), weights ? range_text(l.weights) : "-",
         weights ? fmt::format("{:.1f}", l.scale_spread) : "-"});
  }
  return text + table(rows);
}

// Infinite is "inf", not a number null.
ordered_json number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return std::isnan(value) ? ordered_json() : ordered_json(value);
}

ordered_json to_json(Range range) {
  return ordered_json::array({range.min, range.max});
}

ordered_json to_json(const graph::Quantization& q) {
  return {{"scale", q.scale}, {"zero_point", q.zero_point}, {"range", to_json(representable(q))}};
}

ordered_json to_json(const formats::Deployment& d) {
  ordered_json json{{"window_length", d.window_length},
                    {"hop", d.hop},
                    {"rate_hz", d.rate_hz},
                    {"imputation", signal::imputation_name(d.pipeline.imputation)},
                    {"channels", ordered_json::array()},
                    {"classes", d.labels},
                    {"version", d.provenance.version},
                    {"seed", d.provenance.seed},
                    {"data_checksum", d.provenance.data_checksum},
                    {"variant", d.provenance.variant},
                    {"recipe", d.provenance.recipe},
                    {"config_checksum", d.provenance.config_checksum},
                    {"parent_checksum", d.provenance.parent_checksum},
                    {"trained_on_digests",
                     d.trained_on ? ordered_json(d.trained_on->digests.size()) : ordered_json()}};
  for (std::size_t c = 0; c < d.channels.size(); ++c) {
    json["channels"].push_back({{"name", d.channels[c].name},
                                {"unit", d.channels[c].unit},
                                {"mean", d.pipeline.statistics.mean[c]},
                                {"sd", d.pipeline.statistics.sd[c]}});
  }
  return json;
}

ordered_json to_json(const LayerDiagnosis& l) {
  const bool weights = !std::isnan(l.weight_db);
  return {{"name", l.name},
          {"type", l.op},
          {"sqnr_db", number(l.sqnr_db)},
          {"alone_db", number(l.alone_db)},
          {"alone_agreement", number(l.alone_agreement)},
          {"clip_rate", l.clip_rate},
          {"seen", to_json(l.seen)},
          {"representable", to_json(l.representable)},
          {"weight_db", number(l.weight_db)},
          {"weights", weights ? to_json(l.weights) : ordered_json()},
          {"scale_spread", number(l.scale_spread)}};
}

std::string dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string file_table(const InspectedFile& file) {
  const runtime::Plan plan(file.graph);
  return fmt::format("{}: {}, {} MACs, {} bytes of weights ({} coded), {} bytes of arena\n",
                     file.path, plan.is_int8() ? "int8" : "FP32", graph::macs(file.graph),
                     graph::weight_bytes(file.graph), compress::coded_weight_bytes(file.graph),
                     plan.arena_bytes()) +
         (file.deployment ? pipeline_table(*file.deployment)
                          : "pipeline    none in the file: the network alone\n") +
         '\n' + layer_table(file, plan);
}

std::string file_json(const InspectedFile& file) {
  const runtime::Plan plan(file.graph);
  ordered_json json{{"file", file.path},
                    {"type", plan.is_int8() ? "int8" : "fp32"},
                    {"macs", graph::macs(file.graph)},
                    {"weight_bytes", graph::weight_bytes(file.graph)},
                    {"coded_weight_bytes", compress::coded_weight_bytes(file.graph)},
                    {"arena_bytes", plan.arena_bytes()},
                    {"pipeline", file.deployment ? to_json(*file.deployment) : ordered_json()},
                    {"layers", ordered_json::array()}};
  const auto macs = graph::macs_per_node(file.graph);
  for (std::size_t n = 0; n < macs.size(); ++n) {
    const graph::Node& node = file.graph.nodes[n];
    const graph::Shape shape = plan.shapes()[n];
    json["layers"].push_back(
        {{"name", node.name},
         {"type", graph::op_name(node.op)},
         {"length", shape.length},
         {"channels", shape.channels},
         {"macs", macs[n]},
         {"weight_bytes", graph::weight_bytes(node)},
         {"coded_weight_bytes", compress::coded_weight_bytes(node)},
         {"quantization", node.quantization ? to_json(*node.quantization) : ordered_json()}});
  }
  return dump(json);
}

std::string inspection_table(const Inspection& inspection) {
  std::string text = fmt::format(
      "{} on {} {} windows of {}\nreference: {}\n", inspection.model,
      inspection.conditions.front().diagnosis.windows, inspection.part, inspection.data,
      inspection.reference.empty()
          ? "its own weights in floating point; what rounding the weights costs is not seen "
            "(--against FP32.onnx)"
          : inspection.reference);
  for (const InspectedCondition& on : inspection.conditions) text += '\n' + condition_table(on);
  return text;
}

std::string inspection_json(const Inspection& inspection) {
  ordered_json json{
      {"file", inspection.model},
      {"reference",
       inspection.reference.empty() ? ordered_json() : ordered_json(inspection.reference)},
      {"data", inspection.data},
      {"part", inspection.part},
      {"conditions", ordered_json::array()}};
  for (const InspectedCondition& on : inspection.conditions) {
    const compress::Diagnosis& d = on.diagnosis;
    ordered_json one{{"fault", on.fault.empty() ? "clean" : on.fault},
                     {"severity", on.severity},
                     {"windows", d.windows},
                     {"output_db", number(d.output_db)},
                     {"agreement", d.agreement},
                     {"blamed", d.layers[static_cast<std::size_t>(d.blamed)].name},
                     {"layers", ordered_json::array()}};
    for (const LayerDiagnosis& layer : d.layers) one["layers"].push_back(to_json(layer));
    json["conditions"].push_back(one);
  }
  return dump(json);
}

}  // namespace edgeproof::cli
