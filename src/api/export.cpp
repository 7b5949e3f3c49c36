#include "edgeproof/export.h"

#include "api/inside.h"
#include "core/files.h"
#include "formats/c/export.h"
#include "formats/tflite.h"

namespace edgeproof {
namespace {

formats::CExportOptions options_of(const COptions& options) {
  return {.units_per_count = options.units_per_count,
          .look_ahead = options.look_ahead,
          .stream_hop = options.stream_hop};
}

}  // namespace

std::string to_onnx(const Model& model) {
  return formats::to_onnx(model.inside().model);
}

void save(const Model& model, const std::filesystem::path& file) {
  write_file(file, to_onnx(model));
}

std::string to_tflite(const Model& model) {
  return formats::to_tflite(model.inside().model);
}

std::map<std::string, std::string> to_c(const Model& model, const COptions& options) {
  return formats::to_c(model.inside().model, options_of(options));
}

std::vector<CCost> c_costs(const Model& model, const COptions& options) {
  std::vector<CCost> costs;
  for (const formats::CFormCost& cost :
       formats::c_costs(model.inside().model, options_of(options))) {
    costs.push_back({cost.form, cost.table_bytes, cost.ram_bytes});
  }
  return costs;
}

}  // namespace edgeproof
