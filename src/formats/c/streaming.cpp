#include "formats/c/streaming.h"

#include "formats/c/text.h"
#include "graph/cost.h"

namespace edgeproof::formats::c {
namespace {

constexpr std::string_view kMove = R"(
/* Down: `to` is before `from`. */
static EP_INLINE void ep_move(int8_t *to, const int8_t *from, int count)
{
#if EP_MVE
  int i;
  for (i = 0; i < count; i += 16) {
    const mve_pred16_t inside = vctp8q((uint32_t)(count - i));
    vstrbq_p_s8(to + i, vldrbq_z_s8(from + i, inside), inside);
  }
#elif EP_DSP
  int i = 0;
  for (; i + 16 <= count; i += 16) {
    uint32_t words[4];
    __builtin_memcpy(words, from + i, 16);
    __builtin_memcpy(to + i, words, 16);
  }
  for (; i < count; ++i) to[i] = from[i];
#else
  memmove(to, from, (size_t)count);
#endif
}
)";

std::string move(int node, const runtime::Kept& kept, int channels) {
  return fmt::format("ep_move(EP_AT{0} + {1}, EP_AT{0} + {2}, {3});\n", node, kept.first * channels,
                     (kept.first + kept.shift) * channels, kept.count * channels);
}

}  // namespace

std::string move_prelude(const Module& module) {
  return module.hop == 0 ? std::string() : std::string(kMove);
}

std::string move_text(const Module& module, const Step& step) {
  const runtime::Kept& kept = module.kept_by(step);
  if (kept.count == 0) return {};
  return "  if (hop) " + move(step.output, kept, module.activations[step.output].shape.channels);
}

std::string over_parts(const Module& module, const Step& step, const std::string& statements) {
  const runtime::Kept& kept = module.kept_by(step);
  const int length = module.activations[step.output].shape.length;
  return fmt::format(
      "  int first = 0, end = hop ? {0} : {1};\n  for (;;) {{\n{2}    if (end == {1}) break;\n"
      "    first = {3};\n    end = {1};\n  }}\n",
      kept.first, length, statements, kept.end());
}

std::string steps_text(const Module& module, bool hop) {
  std::string text;
  for (const Step& step : module.steps) {
    const char* argument = module.kept_by(step).count == 0 ? "" : hop ? "1" : "0";
    text += fmt::format("  {}({});\n", step.name, argument);
  }
  return text + fmt::format("  memcpy(output, EP_AT{}, {});\n", module.steps.back().output,
                            module.program.shapes.back().size());
}

std::string advance_header(const Module& module, bool has_push) {
  if (module.hop == 0) return {};
  return (has_push ? "" : fmt::format("\n#define EP_HOP {}\n", module.hop)) + R"(
/* Windows that start EP_HOP samples apart: ep_run() computes the first one, this each next one, of
   which `samples`, [EP_HOP, channels], are new. The levels are those of ep_run() for that window.
   Between them, ep_input() is not to be written to. */
void ep_advance(const int8_t *samples, int8_t *output);
)";
}

std::string advance_source(const Module& module) {
  if (module.hop == 0) return {};
  const graph::Shape in = module.graph.input_shape();
  std::string text = "\nvoid ep_advance(const int8_t *samples, int8_t *output)\n{\n";
  if (module.kept[0].count > 0) text += "  " + move(0, module.kept[0], in.channels);
  text += fmt::format("  memcpy(EP_AT0 + {}, samples, {});\n",
                      (in.length - module.hop) * in.channels, module.hop * in.channels);
  return text + steps_text(module, true) + "}\n";
}

std::string advance_readme(const Module& module) {
  if (module.hop == 0) return {};
  return fmt::format(
      "\nStreaming: `ep_advance()` computes a window that starts {} samples after the last one. It "
      "takes {}\nmultiply-accumulates, and {} bytes of the arena are state from one window to the "
      "next.\n",
      module.hop, macs_per_hop(module), state_bytes(module));
}

}  // namespace edgeproof::formats::c
