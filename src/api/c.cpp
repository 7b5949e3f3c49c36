// The C face over the C++ one. Every function that can fail runs in guarded(), where exceptions
// end.

#include <algorithm>
#include <new>
#include <string>

#include "api/inside.h"
#include "core/error.h"
#include "edgeproof/edgeproof.h"

struct edgeproof_model {
  edgeproof::Model model;
};
struct edgeproof_plan {
  edgeproof::Plan plan;
};
struct edgeproof_workspace {
  edgeproof::Workspace workspace;
};
struct edgeproof_fault {
  edgeproof::Fault fault;
};

namespace {

using edgeproof::ErrorCode;

std::string& last_message() {
  thread_local std::string message;
  return message;
}

edgeproof_status failed(edgeproof_status status, const char* message) noexcept {
  try {
    last_message() = message;
  } catch (...) {
    last_message().clear();  // there is no memory for it
  }
  return status;
}

edgeproof_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_input:
      return EDGEPROOF_BAD_INPUT;
    case ErrorCode::bad_config:
      return EDGEPROOF_BAD_CONFIG;
    case ErrorCode::io:
      return EDGEPROOF_IO;
    case ErrorCode::unsupported:
      return EDGEPROOF_UNSUPPORTED;
    case ErrorCode::interrupted:
      return EDGEPROOF_INTERRUPTED;
  }
  return EDGEPROOF_INTERNAL;
}

// A call that the caller must not make.
struct BadArgument {
  const char* message;
};

template <typename... Pointers>
void expect_given(const char* function, const Pointers*... pointers) {
  if (((pointers == nullptr) || ...)) throw BadArgument{function};
}

template <typename Action>
edgeproof_status guarded(const Action& action) noexcept {
  try {
    action();
    return EDGEPROOF_OK;
  } catch (const BadArgument& bad) {
    return failed(EDGEPROOF_BAD_ARGUMENT, bad.message);
  } catch (const edgeproof::Error& error) {
    return failed(status_of(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return failed(EDGEPROOF_NO_MEMORY, "there is not enough memory");
  } catch (const std::exception& error) {
    return failed(EDGEPROOF_INTERNAL, error.what());
  } catch (...) {
    return failed(EDGEPROOF_INTERNAL, "an unknown exception");
  }
}

// nullptr for an index that is none of the texts.
template <typename Texts, typename Member>
const char* text_at(const Texts& texts, int index, const Member& member) {
  if (index < 0 || static_cast<std::size_t>(index) >= texts.size()) return nullptr;
  return member(texts[static_cast<std::size_t>(index)]).c_str();
}

const edgeproof::Pipeline* pipeline_of(const edgeproof_model* model) {
  return model != nullptr && model->model.pipeline() ? &*model->model.pipeline() : nullptr;
}

const std::vector<edgeproof::FaultInfo>& known_faults() {
  static const std::vector<edgeproof::FaultInfo> list = edgeproof::list_faults();
  return list;
}

edgeproof::Sensors sensors_of(const edgeproof_sensors& given) {
  edgeproof::Sensors sensors{.rate_hz = given.rate_hz};
  for (std::size_t c = 0; c < given.channels; ++c) {
    edgeproof::Channel& channel = sensors.channels.emplace_back();
    channel.name = given.names != nullptr && given.names[c] != nullptr ? given.names[c]
                                                                       : fmt::format("c{}", c);
    if (given.means != nullptr && given.sds != nullptr) {
      channel.statistics = edgeproof::Statistics{given.means[c], given.sds[c]};
    }
  }
  return sensors;
}

}  // namespace

extern "C" {

const char* edgeproof_last_message(void) {
  return last_message().c_str();
}

const char* edgeproof_version(void) {
  return EDGEPROOF_VERSION;
}

edgeproof_status edgeproof_model_load(const char* path, edgeproof_model** model) {
  return guarded([&] {
    expect_given("edgeproof_model_load: path and model must not be NULL", path, model);
    *model = new edgeproof_model{edgeproof::Model::load(path)};
  });
}

edgeproof_status edgeproof_model_parse(const void* bytes, std::size_t size, const char* name,
                                       edgeproof_model** model) {
  return guarded([&] {
    expect_given("edgeproof_model_parse: bytes, name and model must not be NULL", bytes, name,
                 model);
    *model =
        new edgeproof_model{edgeproof::Model::parse({static_cast<const char*>(bytes), size}, name)};
  });
}

void edgeproof_model_free(edgeproof_model* model) {
  delete model;
}

edgeproof_status edgeproof_model_describe(const edgeproof_model* model,
                                          edgeproof_model_info* info) {
  return guarded([&] {
    expect_given("edgeproof_model_describe: model and info must not be NULL", model, info);
    const edgeproof::Model& m = model->model;
    const edgeproof::Cost cost = m.cost();
    *info = {};
    info->length = m.input_shape().length;
    info->channels = m.input_shape().channels;
    info->outputs = m.outputs();
    info->is_int8 = m.is_int8() ? 1 : 0;
    info->macs = cost.macs;
    info->weight_bytes = cost.weight_bytes;
    info->arena_bytes = cost.arena_bytes;
    const edgeproof::Pipeline* pipeline = pipeline_of(model);
    if (pipeline == nullptr) return;
    info->has_pipeline = 1;
    info->sensors = static_cast<int>(pipeline->sensors.channels.size());
    info->hop = pipeline->hop;
    info->rate_hz = pipeline->sensors.rate_hz;
  });
}

const char* edgeproof_model_label(const edgeproof_model* model, int index) {
  const edgeproof::Pipeline* pipeline = pipeline_of(model);
  if (pipeline == nullptr) return nullptr;
  return text_at(
      pipeline->labels, index, [](const std::string& label) -> auto& { return label; });
}

const char* edgeproof_model_channel(const edgeproof_model* model, int index) {
  const edgeproof::Pipeline* pipeline = pipeline_of(model);
  if (pipeline == nullptr) return nullptr;
  return text_at(
      pipeline->sensors.channels, index,
      [](const edgeproof::Channel& channel) -> auto& { return channel.name; });
}

const char* edgeproof_model_unit(const edgeproof_model* model, int index) {
  const edgeproof::Pipeline* pipeline = pipeline_of(model);
  if (pipeline == nullptr) return nullptr;
  return text_at(
      pipeline->sensors.channels, index,
      [](const edgeproof::Channel& channel) -> auto& { return channel.unit; });
}

edgeproof_status edgeproof_model_prepare(const edgeproof_model* model, const float* recording,
                                         std::size_t samples, float* prepared) {
  return guarded([&] {
    expect_given("edgeproof_model_prepare: model, recording and prepared must not be NULL", model,
                 recording, prepared);
    const edgeproof::Pipeline* pipeline = pipeline_of(model);
    if (pipeline == nullptr) {
      edgeproof::fail(ErrorCode::bad_input, "{}: there is no pipeline in the file",
                      model->model.name());
    }
    const std::size_t values = samples * pipeline->sensors.channels.size();
    std::ranges::copy(edgeproof::prepare(*pipeline, {recording, values}), prepared);
  });
}

edgeproof_status edgeproof_plan_new(const edgeproof_model* model, const char* instruction_set,
                                    edgeproof_plan** plan) {
  return guarded([&] {
    expect_given("edgeproof_plan_new: model and plan must not be NULL", model, plan);
    const std::string name = instruction_set == nullptr ? "" : instruction_set;
    *plan = new edgeproof_plan{edgeproof::Plan(model->model, {.instruction_set = name})};
  });
}

void edgeproof_plan_free(edgeproof_plan* plan) {
  delete plan;
}

edgeproof_status edgeproof_workspace_new(const edgeproof_plan* plan,
                                         edgeproof_workspace** workspace) {
  return guarded([&] {
    expect_given("edgeproof_workspace_new: plan and workspace must not be NULL", plan, workspace);
    *workspace = new edgeproof_workspace{edgeproof::Workspace(plan->plan)};
  });
}

void edgeproof_workspace_free(edgeproof_workspace* workspace) {
  delete workspace;
}

edgeproof_status edgeproof_run(edgeproof_workspace* workspace, const float* window,
                               std::size_t values, float* logits, std::size_t outputs) {
  if (workspace == nullptr || window == nullptr || logits == nullptr) {
    return failed(EDGEPROOF_BAD_ARGUMENT,
                  "edgeproof_run: workspace, window and logits must not be NULL");
  }
  if (outputs != workspace->workspace.output_size()) {
    return failed(EDGEPROOF_BAD_ARGUMENT, "edgeproof_run: outputs is not the model's");
  }
  const std::span<const float> result = workspace->workspace.run({window, values});
  if (result.empty()) {
    return failed(EDGEPROOF_BAD_ARGUMENT,
                  "edgeproof_run: values is not length * channels of the model");
  }
  std::ranges::copy(result, logits);
  return EDGEPROOF_OK;
}

int edgeproof_label_of(const float* logits, std::size_t outputs) {
  return logits == nullptr ? -1 : edgeproof::label_of({logits, outputs});
}

int edgeproof_fault_count(void) {
  return static_cast<int>(known_faults().size());
}

const char* edgeproof_fault_name(int index) {
  return text_at(
      known_faults(), index, [](const edgeproof::FaultInfo& fault) -> auto& { return fault.name; });
}

const char* edgeproof_fault_summary(int index) {
  return text_at(
      known_faults(), index,
      [](const edgeproof::FaultInfo& fault) -> auto& { return fault.summary; });
}

edgeproof_status edgeproof_fault_parse(const char* expression, edgeproof_fault** fault) {
  return guarded([&] {
    expect_given("edgeproof_fault_parse: expression and fault must not be NULL", expression, fault);
    *fault = new edgeproof_fault{edgeproof::Fault(expression)};
  });
}

void edgeproof_fault_free(edgeproof_fault* fault) {
  delete fault;
}

edgeproof_status edgeproof_inject(const edgeproof_fault* fault, int severity,
                                  const edgeproof_sensors* sensors, uint64_t seed,
                                  uint32_t recording, float* values, std::size_t samples,
                                  uint8_t* marks) {
  return guarded([&] {
    expect_given("edgeproof_inject: fault, sensors and values must not be NULL", fault, sensors,
                 values);
    const std::span<float> all(values, samples * sensors->channels);
    const edgeproof::Sensors meaning = sensors_of(*sensors);
    const edgeproof::Realization realization{
        .severity = severity, .seed = seed, .recording = recording};
    if (marks == nullptr) return edgeproof::inject(all, fault->fault, meaning, realization);
    std::ranges::copy(edgeproof::inject_marked(all, fault->fault, meaning, realization), marks);
  });
}

}  // extern "C"
