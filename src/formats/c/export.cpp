// Test: export_test.cpp compiles what is written with the system's C compiler.

#include "formats/c/export.h"

#include "core/error.h"
#include "formats/c/conv.h"
#include "formats/c/plain.h"
#include "formats/c/prelude.h"
#include "formats/c/push.h"
#include "formats/c/streaming.h"
#include "formats/c/text.h"
#include "formats/metadata.h"
#include "graph/cost.h"

namespace edgeproof::formats {
namespace c {
namespace {

std::string shape_text(graph::Shape shape) {
  return fmt::format("[{}, {}]", shape.length, shape.channels);
}

// `text` of each target under the compiler's conditions; once where it is the same for all.
std::string per_target(const std::string& mve, const std::string& dsp,
                       const std::string& portable) {
  if (mve == portable && dsp == portable) return portable;
  if (mve == portable) return "#if EP_DSP\n" + dsp + "#else\n" + portable + "#endif\n";
  if (dsp == portable) return "#if EP_MVE\n" + mve + "#else\n" + portable + "#endif\n";
  return "#if EP_MVE\n" + mve + "#elif EP_DSP\n" + dsp + "#else\n" + portable + "#endif\n";
}

Arena arena_of(const Module& module, Target target) {
  std::vector<std::size_t> scratch;
  for (const Step& step : module.steps) {
    const bool conv = module.conv(step) != nullptr;
    scratch.push_back(conv ? scratch_bytes(describe(module, step), target) : 0);
  }
  return plan_arena(module, scratch);
}

std::string arena_text(const Module& module, Target target) {
  const Arena arena = arena_of(module, target);
  std::string text = fmt::format("#define EP_ARENA_BYTES {}\n", arena.bytes);
  for (std::size_t i = 0; i < module.activations.size(); ++i) {
    if (module.activations[i].shape.size() == 0) continue;
    text += fmt::format("#define EP_AT{} (EP_ARENA + {})\n", i, arena.activations[i]);
  }
  for (std::size_t s = 0; s < module.steps.size(); ++s) {
    text += fmt::format("#define EP_SCRATCH{} (EP_ARENA + {})\n", module.steps[s].node,
                        arena.scratch[s]);
  }
  return text;
}

Code conv_code(const Module& module, const Step& step) {
  const Conv conv = describe(module, step);
  const runtime::ConvGeometry& g = conv.geometry();
  const Code portable = code_for(conv, Target::portable);
  const Code dsp = code_for(conv, Target::dsp), mve = code_for(conv, Target::mve);
  Code code{{per_target(mve.tables.text, dsp.tables.text, portable.tables.text)},
            fmt::format("  int8_t *const x = EP_AT{} - {}, *const y = EP_AT{};\n"
                        "  int8_t *const scratch = EP_SCRATCH{};\n",
                        step.inputs[0], g.pad_left * g.in_channels, step.output, step.node)};
  if (conv.tail > 0) code.body += fmt::format("  const int tail = hop ? {} : 0;\n", conv.tail);
  const int zero = conv.layer->input_zero;
  if (g.pad_left > 0) {
    code.body += fmt::format("  memset(x, {}, {});\n", zero, g.pad_left * g.in_channels);
  }
  if (g.pad_right > 0) {
    code.body +=
        fmt::format("  memset(x + {}, {}, {});\n", (g.pad_left + g.in_length) * g.in_channels, zero,
                    g.pad_right * g.in_channels);
  }
  code.body += per_target(mve.body, dsp.body, portable.body);
  return code;
}

std::string layer_text(const Module& module, const Step& step) {
  const graph::Node& node = module.graph.nodes[step.node];
  const Code code =
      module.conv(step) != nullptr ? conv_code(module, step) : plain_code(module, step);
  return fmt::format(
      "\n/* {}: {} of node {}, {} to {}{} */\n{}static EP_LAYER void {}({})\n{{\n{}{}}}\n",
      step.name, graph::op_name(node.op), step.inputs[0],
      shape_text(module.activations[step.inputs[0]].shape),
      shape_text(module.activations[step.output].shape), step.pool ? ", maxima of pairs" : "",
      code.tables.text, step.name, module.kept_by(step).count > 0 ? "int hop" : "void",
      move_text(module, step), code.body);
}

std::string source(const Module& module) {
  const graph::Shape in = module.graph.input_shape();
  std::string text = "/* Written by edgeproof export. */\n";
  text += kPrelude;
  text += kDspPrelude;
  text += kMvePrelude;
  text += kRowsPrelude;
  text += kPlainPrelude;
  text += move_prelude(module);
  text += "\n/* Where activations live. */\n";
  text += per_target(arena_text(module, Target::mve), arena_text(module, Target::dsp),
                     arena_text(module, Target::portable));
  text +=
      "static int32_t ep_arena[EP_ARENA_BYTES / 4];\n"
      "#define EP_ARENA ((int8_t *)ep_arena)\n";
  for (const Step& step : module.steps) text += layer_text(module, step);
  text += fmt::format(
      "\nint8_t *ep_input(void)\n{{\n  return EP_AT0;\n}}\n"
      "\nvoid ep_run(const int8_t *input, int8_t *output)\n{{\n"
      "  if (input != EP_AT0) memcpy(EP_AT0, input, {});\n",
      in.size());
  return text + steps_text(module, false) + "}\n" + advance_source(module);
}

std::string header(const Module& module, const std::string& push) {
  const graph::Shape in = module.graph.input_shape(), out = module.program.shapes.back();
  const graph::Quantization qin = *module.graph.nodes.front().quantization;
  const graph::Quantization qout = module.program.output_quantization;
  return fmt::format(
      R"(#ifndef EP_MODEL_H
#define EP_MODEL_H

/* Network {}, written by edgeproof export. Not reentrant: there is one arena. */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

/* real = scale * (level - zero point) */
#define EP_INPUT_LENGTH {}
#define EP_INPUT_CHANNELS {}
#define EP_INPUT_SCALE {:.9g}
#define EP_INPUT_ZERO_POINT {}
#define EP_OUTPUT_SIZE {}
#define EP_OUTPUT_SCALE {:.9g}
#define EP_OUTPUT_ZERO_POINT {}

/* Where the next window, [length, channels], may be put to save a copy. ep_run() overwrites it. */
int8_t *ep_input(void);

/* Levels of a window in, levels of the outputs out. `input` may be ep_input(). */
void ep_run(const int8_t *input, int8_t *output);
{}{}
#ifdef __cplusplus
}}
#endif

#endif
)",
      safe_name(module.graph.name), in.length, in.channels, qin.scale, qin.zero_point, out.size(),
      qout.scale, qout.zero_point, advance_header(module, !push.empty()), push);
}

std::vector<CFormCost> costs_of(const Module& module, const PushCode& push) {
  constexpr const char* kNames[] = {"plain C", "DSP extension", "Helium (MVE)"};
  std::vector<CFormCost> costs;
  for (const Target target : kTargets) {
    CFormCost cost{kNames[static_cast<int>(target)], push.table_bytes,
                   arena_of(module, target).bytes + push.ram_bytes};
    for (const Step& step : module.steps) {
      const bool conv = module.conv(step) != nullptr;
      cost.table_bytes +=
          (conv ? code_for(describe(module, step), target) : plain_code(module, step)).tables.bytes;
    }
    costs.push_back(cost);
  }
  return costs;
}

std::string readme(const Module& module, const PushCode& push) {
  std::string forms;
  for (const CFormCost& cost : costs_of(module, push)) {
    forms += fmt::format("| {} | {} | {} |\n", cost.form, cost.table_bytes, cost.ram_bytes);
  }
  return fmt::format(
      R"(# {}

A C99 module of this network. Compile `model.c`; `model.h` says how to call it:

    #include "model.h"

    int8_t scores[EP_OUTPUT_SIZE];
    /* fill ep_input() with EP_INPUT_LENGTH x EP_INPUT_CHANNELS levels, channels side by side */
    ep_run(ep_input(), scores);
{}
No heap, no floating point, no dependency but `<stdint.h>` and `<string.h>`. The compiler's predefined macros choose
the form: `-mcpu=cortex-m4` has the DSP extension, `-mcpu=cortex-m55` Helium; `-D EP_PORTABLE` forces plain C.

A window takes {} multiply-accumulates.
{}
Flash without code is tables: weights, biases, multipliers and the like. RAM without stack is one static arena, where input and
output are{}:

| form | tables (bytes) | RAM (bytes) |
| --- | --- | --- |
{}
`edgeproof bench MODEL --target cortex-m4` measures instructions, flash, arena and stack of such an image.
)",
      safe_name(module.graph.name),
      push.header.empty() ? "" : "\nor, from raw sensor counts, `ep_push()` at every sample.\n",
      graph::macs(module.graph), advance_readme(module),
      push.header.empty() ? "" : ", and what `ep_push()` keeps", forms);
}

PushCode push_of(const Module& module, const Model& model, const CExportOptions& options) {
  if (options.units_per_count.empty()) return {};
  Deployment deployment = from_metadata(model.metadata, model.graph.name);
  expect_fits(deployment, model.graph, model.graph.name);
  if (module.hop > 0) deployment.hop = module.hop;
  return push_code(module, deployment, options.units_per_count, options.look_ahead);
}

}  // namespace
}  // namespace c

std::vector<CFormCost> c_costs(const Model& model, const CExportOptions& options) {
  const c::Module module = c::lower(model.graph, options.stream_hop);
  return c::costs_of(module, c::push_of(module, model, options));
}

std::int64_t c_macs(const Model& model, const CExportOptions& options) {
  const c::Module module = c::lower(model.graph, options.stream_hop);
  return module.hop == 0 ? graph::macs(model.graph) : c::macs_per_hop(module);
}

std::map<std::string, std::string> to_c(const Model& model, const CExportOptions& options) {
  const c::Module module = c::lower(model.graph, options.stream_hop);
  const c::PushCode push = c::push_of(module, model, options);
  return {{"model.h", c::header(module, push.header)},
          {"model.c", c::source(module) + push.source},
          {"README.md", c::readme(module, push)}};
}

}  // namespace edgeproof::formats
