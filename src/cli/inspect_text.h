#pragma once

// The text of `edgeproof inspect`: what a model file holds, and why an int8 model fails, as tables
// for people or as JSON.

#include <optional>
#include <string>
#include <vector>

#include "compress/diagnose.h"
#include "formats/metadata.h"
#include "graph/graph.h"

namespace edgeproof::cli {

struct InspectedFile {
  std::string path;
  graph::Graph graph;
  std::optional<formats::Deployment> deployment;  // nothing: the file has no pipeline
};

struct InspectedCondition {
  std::string fault;  // empty: clean
  int severity = 0;
  compress::Diagnosis diagnosis;
};

struct Inspection {
  std::string model;
  std::string reference;  // a file; empty: the model's own weights
  std::string data;
  std::string part;  // "validation" or "training"
  std::vector<InspectedCondition> conditions;
};

std::string file_table(const InspectedFile& file);
std::string file_json(const InspectedFile& file);
std::string inspection_table(const Inspection& inspection);
std::string inspection_json(const Inspection& inspection);

}  // namespace edgeproof::cli
