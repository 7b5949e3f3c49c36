/* use_runtime_c MODEL.onnx <recording.txt: use_runtime.cpp in C. */

#include <edgeproof/edgeproof.h>
#include <stdio.h>
#include <stdlib.h>

static void expect(edgeproof_status status) {
  if (status == EDGEPROOF_OK) return;
  fprintf(stderr, "%s\n", edgeproof_last_message());
  exit(1);
}

static void* memory(size_t count) {
  void* block = calloc(count, sizeof(float));
  if (block == NULL) exit(1);
  return block;
}

int main(int argc, char** argv) {
  edgeproof_model* model = NULL;
  edgeproof_plan* plan = NULL;
  edgeproof_workspace* workspace = NULL;
  edgeproof_model_info info;
  enum { most = 1 << 20 };
  float* recording = memory(most);
  size_t values = 0, samples, first;

  if (argc != 2) {
    fprintf(stderr, "use_runtime_c MODEL.onnx <recording.txt\n");
    return 2;
  }
  expect(edgeproof_model_load(argv[1], &model));
  expect(edgeproof_model_describe(model, &info));
  while (values < most && scanf("%f", &recording[values]) == 1) ++values;

  /* Physical samples become what the network takes. */
  samples = info.has_pipeline ? values / (size_t)info.sensors : 0;
  float* prepared = memory(samples * (size_t)info.channels + 1);
  float* logits = memory((size_t)info.outputs);
  expect(edgeproof_model_prepare(model, recording, samples, prepared));

  expect(edgeproof_plan_new(model, NULL, &plan));
  expect(edgeproof_workspace_new(plan, &workspace));
  for (first = 0; first + (size_t)info.length <= samples; first += (size_t)info.hop) {
    expect(edgeproof_run(workspace, prepared + first * (size_t)info.channels,
                         (size_t)(info.length * info.channels), logits, (size_t)info.outputs));
    puts(edgeproof_model_label(model, edgeproof_label_of(logits, (size_t)info.outputs)));
  }

  edgeproof_workspace_free(workspace);
  edgeproof_plan_free(plan);
  edgeproof_model_free(model);
  free(logits);
  free(prepared);
  free(recording);
  return 0;
}
