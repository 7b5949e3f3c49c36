#pragma once

// A model for LiteRT and LiteRT for Microcontrollers: a .tflite file, FP32 or int8 throughout.
//
// What is written: one input [batch, length, channels] (batch 1 as written; it can be resized) and
// one output, [batch, features] if the network ends with one position, else [batch, length,
// channels]; the output is logits. Of an int8 graph both are int8 with the quantization of the
// input node and the last node. Sequences are images of height 1 inside: convolutions become
// CONV_2D (DEPTHWISE_CONV_2D if every input channel is a group of its own), padded SAME or VALID
// where that is the very same padding, otherwise by a PAD (PADV2 with the lowest value before
// maximum pooling). GlobalAveragePool becomes AVERAGE_POOL_2D (docs/decisions/0001), Dense
// a CONV_2D over one position (it rounds as ours do, LiteRT's FULLY_CONNECTED with a scale per
// channel does not), Add and Concat ADD and CONCATENATION.
//
// Run by LiteRT's reference kernels or LiteRT for Microcontrollers, an int8 file gives the
// runtime's integers (docs/exactness.md). Weights of 4 bits are packed, as INT4. LiteRT has no
// convolution with 2 bits: such weights are written as int8, a byte each.
//
// The model's metadata is one metadata entry "edgeproof": a JSON object of the keys and values of
// formats/metadata.h; beside it is the usual "min_runtime_version". The signature "serving_default"
// names the input "windows" and the output "logits". Of a model with the whole pipeline of
// formats/metadata.h tools that know TFLite Metadata find the normalization in "TFLITE_METADATA",
// and the labels in labels.txt, in a zip archive at the file's end: Python's zipfile opens the
// model.
//
// The function is pure and thread-safe.

#include <string>

#include "formats/onnx.h"

namespace edgeproof::formats {

// FP32 graphs are folded first (graph/fold.h). The same model gives the same bytes. Error bad_input
// for an invalid graph or a pipeline that does not fit it, unsupported for one that cannot be
// folded.
std::string to_tflite(const Model& model);

}  // namespace edgeproof::formats
