#ifndef EDGEPROOF_EDGEPROOF_H
#define EDGEPROOF_EDGEPROOF_H

/* edgeproof for C, and for languages that bind to C: models, running them, and sensor faults. It
 * compiles as C99. C++ has the other headers of this folder, which say more of what is computed.
 *
 *   edgeproof_model* model = NULL;
 *   if (edgeproof_model_load("walk.onnx", &model) != EDGEPROOF_OK) {
 *     fprintf(stderr, "%s\n", edgeproof_last_message());
 *     return 1;
 *   }
 *   …
 *   edgeproof_model_free(model);
 *
 * Errors. A function that can fail returns a status; other than EDGEPROOF_OK, nothing was made or
 * written, and edgeproof_last_message() says why in one line. No exception leaves a function.
 *
 * Lifetime. What a function makes is the caller's until the _free function of its type, which takes
 * NULL, too. Handles are independent: a model may be freed while its plan is in use. A text that a
 * function returns lives as long as the handle that it was asked of.
 *
 * Threads. A model, a plan and a fault may be used by many threads at once, a workspace by one. The
 * last message is each thread's own. */

#include <stddef.h>
#include <stdint.h>

#include "edgeproof/version.h"
#include "edgeproof/visibility.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum edgeproof_status {
  EDGEPROOF_OK = 0,
  EDGEPROOF_BAD_INPUT = 1,    /* a file or data is not what it should be */
  EDGEPROOF_BAD_CONFIG = 2,   /* an option is not what it should be */
  EDGEPROOF_IO = 3,           /* the operating system refused to read or write */
  EDGEPROOF_UNSUPPORTED = 4,  /* well-formed, but beyond what edgeproof does */
  EDGEPROOF_INTERRUPTED = 5,  /* not returned by any function yet */
  EDGEPROOF_BAD_ARGUMENT = 6, /* NULL where there must be something, a size that does not fit */
  EDGEPROOF_NO_MEMORY = 7,
  EDGEPROOF_INTERNAL = 8 /* our own fault: please report it */
} edgeproof_status;

/* Why the last function of this thread that failed did; "" if none has. Until the next one fails.
 */
EDGEPROOF_PUBLIC const char* edgeproof_last_message(void);

/* The linked library's version, such as "0.1.0". EDGEPROOF_VERSION is the header's. */
EDGEPROOF_PUBLIC const char* edgeproof_version(void);

/* -- Models ------------------------------------------------------------------------------------ */

typedef struct edgeproof_model edgeproof_model;

/* An ONNX file, FP32 or int8. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_model_load(const char* path, edgeproof_model** model);

/* The same from a file's bytes; `name` opens error messages. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_model_parse(const void* bytes, size_t size,
                                                        const char* name, edgeproof_model** model);
EDGEPROOF_PUBLIC void edgeproof_model_free(edgeproof_model* model);

typedef struct edgeproof_model_info {
  int length;   /* of the network's input: samples */
  int channels; /* of the network's input */
  int outputs;  /* logits: as many as there are classes */
  int is_int8;  /* 1: integers throughout; 0: FP32 */
  int64_t macs; /* multiply-accumulates of a window */
  int64_t weight_bytes;
  size_t arena_bytes; /* the peak of all activations */
  /* Of the pipeline in the file; all 0 for a file without one. */
  int has_pipeline;
  int sensors; /* channels of the physical samples */
  int hop;     /* samples from one window to the next */
  double rate_hz;
} edgeproof_model_info;

EDGEPROOF_PUBLIC edgeproof_status edgeproof_model_describe(const edgeproof_model* model,
                                                           edgeproof_model_info* info);

/* What the pipeline calls a class or a channel, and the channel's unit; NULL if there is no such
 * one. */
EDGEPROOF_PUBLIC const char* edgeproof_model_label(const edgeproof_model* model, int index);
EDGEPROOF_PUBLIC const char* edgeproof_model_channel(const edgeproof_model* model, int index);
EDGEPROOF_PUBLIC const char* edgeproof_model_unit(const edgeproof_model* model, int index);

/* Physical samples [samples, info.sensors], missing ones NaN, as the network takes them: imputed
 * and z-scored along the whole recording, [samples, info.channels]. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_model_prepare(const edgeproof_model* model,
                                                          const float* recording, size_t samples,
                                                          float* prepared);

/* -- Running them ------------------------------------------------------------------------------ */

/* A model made ready to run on this machine. */
typedef struct edgeproof_plan edgeproof_plan;

/* `instruction_set`: "avx2", …, or "scalar", the reference; NULL: the best of this machine. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_plan_new(const edgeproof_model* model,
                                                     const char* instruction_set,
                                                     edgeproof_plan** plan);
EDGEPROOF_PUBLIC void edgeproof_plan_free(edgeproof_plan* plan);

/* The memory that it runs in: one a thread. */
typedef struct edgeproof_workspace edgeproof_workspace;

EDGEPROOF_PUBLIC edgeproof_status edgeproof_workspace_new(const edgeproof_plan* plan,
                                                          edgeproof_workspace** workspace);
EDGEPROOF_PUBLIC void edgeproof_workspace_free(edgeproof_workspace* workspace);

/* One window of `values` = length * channels prepared values in, `outputs` logits out. Neither
 * allocates nor locks, unless it fails. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_run(edgeproof_workspace* workspace, const float* window,
                                                size_t values, float* logits, size_t outputs);

/* The index of the largest logit, the first of equals; -1 for none. */
EDGEPROOF_PUBLIC int edgeproof_label_of(const float* logits, size_t outputs);

/* -- Faults ------------------------------------------------------------------------------------ */

/* All faults by number, 0 to edgeproof_fault_count() - 1: the name, and what becomes of a sample x.
 * NULL beyond. */
EDGEPROOF_PUBLIC int edgeproof_fault_count(void);
EDGEPROOF_PUBLIC const char* edgeproof_fault_name(int index);
EDGEPROOF_PUBLIC const char* edgeproof_fault_summary(int index);

/* One fault or several, as people write them: "drift", "drift(sd=1) + missing(p=0.1)" (faults.h has
 * all forms). */
typedef struct edgeproof_fault edgeproof_fault;

EDGEPROOF_PUBLIC edgeproof_status edgeproof_fault_parse(const char* expression,
                                                        edgeproof_fault** fault);
EDGEPROOF_PUBLIC void edgeproof_fault_free(edgeproof_fault* fault);

/* What the samples' channels mean. A member that is NULL is unknown: channels are then called c0,
 * c1, …, and a fault that counts in standard deviations is an error. */
typedef struct edgeproof_sensors {
  size_t channels;
  double rate_hz; /* 0: unknown */
  const char* const* names;
  const float* means; /* of the clean training data */
  const float* sds;
} edgeproof_sensors;

/* The fault at a severity, 1 to 5, in place, on one recording of physical values [samples,
 * sensors->channels]; a missing one is NaN. The same seed and recording number give the same draws.
 * `marks` is NULL, or has room for as many values: 1 where the fault changed one, else 0. */
EDGEPROOF_PUBLIC edgeproof_status edgeproof_inject(const edgeproof_fault* fault, int severity,
                                                   const edgeproof_sensors* sensors, uint64_t seed,
                                                   uint32_t recording, float* values,
                                                   size_t samples, uint8_t* marks);

#ifdef __cplusplus
}
#endif

#endif
