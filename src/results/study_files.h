#pragma once

// The files beside a finished study's store.

#include <filesystem>
#include <string>

#include "formats/provenance.h"
#include "results/summary.h"
#include "store/store.h"

namespace edgeproof::results {

// One row per variant, seed and condition: accuracy, macro-F1, ECE, flip rate.
std::string results_csv(const Summary& summary, const store::Store& store);

// results.csv, summary.csv, latency.csv, diagnosis.csv, devices.csv if there are devices,
// claims.csv if there are claims, and models/VARIANT-seedN.onnx with so much of where they come
// from.
void write_files(const Summary& summary, const store::Store& store,
                 const std::filesystem::path& output,
                 formats::ProvenanceDetail detail = formats::ProvenanceDetail::brief);

}  // namespace edgeproof::results
