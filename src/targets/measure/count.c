/* A QEMU plugin (API version 1, docs/devel/tcg-plugins.rst): how many instructions run in each region.
   marks=FILE has "hexadecimal address, region" a line: when a block that begins at the address runs,
   the region begins; region 0 is not counted, and only region 1 follows it. out=FILE gets "region instructions cycles" a line.

   Cycles are an estimate for Cortex-M3 and M4 without wait states: a load or store takes 2, and 1
   right after another one; LDM, STM, PUSH, POP 1 and one per register; LDRD, STRD 3; a branch that
   is taken 3; a division 7; all else 1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
__attribute__((visibility("default"))) int qemu_plugin_version = 1;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int,
                                          void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);

#define REGIONS 256
#define MARKS 256
static struct {
  uint64_t address;
  unsigned region;
} marks[MARKS];
static unsigned mark_count, region;
static uint64_t instructions[REGIONS], cycles[REGIONS], expected_next;
static const char *out_path;

typedef struct {
  uint64_t begin, end, instructions, cycles;
  int region; /* that begins here, or -1 */
} block;

static uint64_t registers_in(const char *text)
{
  uint64_t count = 1;
  const char *open = strchr(text, '{');
  if (open == NULL) return 1;
  for (; *open != 0; ++open) {
    if (*open == ',') ++count;
  }
  return count;
}

static uint64_t cycles_of(const char *text, int *after_access)
{
  const int before = *after_access;
  *after_access = 0;
  if (strncmp(text, "ldrd", 4) == 0 || strncmp(text, "strd", 4) == 0) return 3;
  if (strncmp(text, "ldm", 3) == 0 || strncmp(text, "stm", 3) == 0 ||
      strncmp(text, "pop", 3) == 0 || strncmp(text, "push", 4) == 0) {
    return 1 + registers_in(text);
  }
  if (strncmp(text, "ldr", 3) == 0 || strncmp(text, "str", 3) == 0) {
    *after_access = 1;
    return before ? 1 : 2;
  }
  if (strncmp(text, "sdiv", 4) == 0 || strncmp(text, "udiv", 4) == 0) return 7;
  return 1;
}

static void run_block(unsigned cpu, void *data)
{
  const block *b = data;
  (void)cpu;
  if (expected_next != 0 && expected_next != b->begin) cycles[region] += 2;
  if (b->region == 0 || b->region == 1 || (b->region > 1 && region != 0)) {
    region = (unsigned)b->region;
  }
  instructions[region] += b->instructions;
  cycles[region] += b->cycles;
  expected_next = b->end;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
  const size_t count = qemu_plugin_tb_n_insns(tb);
  block *b = calloc(1, sizeof *b);
  int after_access = 0;
  size_t i;
  unsigned m;
  (void)id;
  b->begin = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
  b->instructions = count;
  b->region = -1;
  for (i = 0; i < count; ++i) {
    const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    char *text = qemu_plugin_insn_disas(insn);
    b->cycles += text == NULL ? 1 : cycles_of(text, &after_access);
    b->end = qemu_plugin_insn_vaddr(insn) + qemu_plugin_insn_size(insn);
    free(text);
  }
  for (m = 0; m < mark_count; ++m) {
    if (marks[m].address == b->begin) b->region = (int)marks[m].region;
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, run_block, 0, b);
}

static void finish(qemu_plugin_id_t id, void *data)
{
  FILE *file = fopen(out_path, "w");
  unsigned r;
  (void)id;
  (void)data;
  if (file == NULL) return;
  for (r = 1; r < REGIONS; ++r) {
    if (instructions[r] > 0) {
      fprintf(file, "%u %" PRIu64 " %" PRIu64 "\n", r, instructions[r], cycles[r]);
    }
  }
  fclose(file);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
                                                               const void *info, int argc,
                                                               char **argv)
{
  FILE *file = NULL;
  int i;
  (void)info;
  for (i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "out=", 4) == 0) out_path = strdup(argv[i] + 4);
    if (strncmp(argv[i], "marks=", 6) == 0) file = fopen(argv[i] + 6, "r");
  }
  if (file == NULL || out_path == NULL) return -1;
  while (mark_count < MARKS && fscanf(file, "%" SCNx64 " %u", &marks[mark_count].address,
                                      &marks[mark_count].region) == 2) {
    if (marks[mark_count].region < REGIONS) ++mark_count;
  }
  fclose(file);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
