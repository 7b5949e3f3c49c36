#!/usr/bin/env bash
# elsewhere_test.sh EDGEPROOF: models that other tools have written, from inspection to a model for LiteRT.
models=$(cd "$(dirname "$0")/../targets/peers/elsewhere" && pwd)
. "$(dirname "$0")/testing.sh"

data() { # data FILE CHANNELS CLASSES: half a minute of three people
  awk -v channels="$2" -v classes="$3" 'BEGIN {
    printf "t,label,who"; for (c = 0; c < channels; ++c) printf ",x%d", c; print ""
    for (i = 0; i < 1500; ++i) {
      printf "%.2f,class %d,p%d", i / 50, int(i / 100) % classes, int(i / 500)
      for (c = 0; c < channels; ++c) printf ",%.3f", sin(i * (c + 1) / (3 + int(i / 100) % classes))
      print ""
    }
  }' >"$1"
}

for model in torch_residual:6:4 torch_label:6:4 keras_separable:3:4 sklearn_zipmap:12:3; do
  IFS=: read -r name channels classes <<<"$model"
  data data.csv "$channels" "$classes"
  options=(--set time_column=t --set label_column=label --set group_column=who)
  check "$name" "$edgeproof" inspect "$models/$name.onnx"
  check "$name" "$edgeproof" evaluate "$models/$name.onnx" --data data.csv "${options[@]}"
  check "$name" "$edgeproof" compress "$models/$name.onnx" --data data.csv "${options[@]}" -o int8.onnx
  check "$name" "$edgeproof" evaluate int8.onnx --data data.csv "${options[@]}"
  check "$name" "$edgeproof" export int8.onnx --format tflite -o int8.tflite
  rm -f int8.*
done
"$edgeproof" inspect "$models/torch_label.onnx" >text.txt 2>notes.txt
has notes.txt "left out at the end: Softmax 'node_softmax', ArgMax 'node_argmax'; the outputs are logits"
exit $failed
