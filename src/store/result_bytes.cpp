// Each result is an array: its members in their order, then the index of its type. Numbers are in
// CBOR's shortest form that keeps them.

#include "store/result_bytes.h"

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace edgeproof::store {
namespace {

using nlohmann::json;

json binary(std::string_view bytes) {
  return json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}
std::string text(const json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

json members(const TrainedModel& model) {
  json log = json::array();
  for (const train::EpochLog& e : model.log) {
    log.push_back({e.epoch, e.train_loss, e.validation_loss, e.validation_accuracy});
  }
  return {binary(model.onnx), model.best_epoch, log};
}
TrainedModel trained_model(const json& m) {
  TrainedModel model{text(m[0]), m[1], {}};
  for (const json& e : m[2]) model.log.push_back({e[0], e[1], e[2], e[3]});
  return model;
}

json members(const DeployedModel& m) {
  return {binary(m.onnx), m.macs, m.weight_bytes, m.coded_weight_bytes, m.arena_bytes, m.nodes};
}
DeployedModel deployed_model(const json& m) {
  return {text(m[0]), m[1], m[2], m[3], m[4], m[5]};
}

json members(const Evaluation& e) {
  json agreement = json::array();
  if (e.agreement) agreement = {e.agreement->same, e.agreement->windows};
  return {json::binary(e.labels), e.ece, e.clipped, e.values, e.correct, e.macro_f1, agreement};
}
Evaluation evaluation(const json& m) {
  Evaluation e{m[0].get_binary(), m[1], m[2], m[3], m[4], m[5], {}};
  if (!m[6].empty()) e.agreement = {m[6][0], m[6][1]};
  return e;
}

json members(const compress::Diagnosis& d) {
  json layers = json::array();
  for (const compress::LayerDiagnosis& l : d.layers) {
    layers.push_back({l.name, l.op, l.sqnr_db, l.alone_db, l.alone_agreement, l.clip_rate,
                      l.seen.min, l.seen.max, l.representable.min, l.representable.max, l.weight_db,
                      l.weights.min, l.weights.max, l.scale_spread});
  }
  return {d.windows, layers, d.output_db, d.agreement, d.blamed};
}
compress::Diagnosis diagnosis(const json& m) {
  compress::Diagnosis d{m[0], {}, m[2], m[3], m[4]};
  for (const json& l : m[1]) {
    d.layers.push_back({.name = l[0],
                        .op = l[1],
                        .sqnr_db = l[2],
                        .alone_db = l[3],
                        .alone_agreement = l[4],
                        .clip_rate = l[5],
                        .seen = {l[6], l[7]},
                        .representable = {l[8], l[9]},
                        .weight_db = l[10],
                        .weights = {l[11], l[12]},
                        .scale_spread = l[13]});
  }
  return d;
}

json members(const Latency& l) {
  return {l.median_us, l.p99_us, l.runs, l.disturbed};
}

json members(const DeviceCost& c) {
  return {c.instructions, c.cycles, c.flash_bytes, c.ram_bytes};
}

}  // namespace

std::string to_bytes(const Result& result) {
  json all = std::visit([](const auto& made) { return members(made); }, result);
  all.push_back(result.index());
  const auto bytes = json::to_cbor(all);
  return {bytes.begin(), bytes.end()};
}

Result result_from_bytes(std::string_view bytes) {
  try {
    const json all = json::from_cbor(bytes.begin(), bytes.end());
    switch (static_cast<JobKind>(all.back().get<int>())) {
      case JobKind::training:
        return trained_model(all);
      case JobKind::deployment:
        return deployed_model(all);
      case JobKind::evaluation:
        return evaluation(all);
      case JobKind::diagnosis:
        return diagnosis(all);
      case JobKind::latency:
        return Latency{all.at(0), all.at(1), all.at(2), all.at(3)};
      case JobKind::device:
        return DeviceCost{all.at(0), all.at(1), all.at(2), all.at(3)};
    }
  } catch (const json::exception&) {
  }
  fail(ErrorCode::bad_input, "a result sent by another process is damaged");
}

}  // namespace edgeproof::store
