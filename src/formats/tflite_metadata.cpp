// Zip: PKWARE's APPNOTE, one member without compression.

#include "formats/tflite_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "formats/flat_tables.h"

namespace edgeproof::formats::tflite {
namespace {

constexpr const char* kIdentifier = "M001";
constexpr const char* kMinParserVersion = "1.0.0";
constexpr const char* kLabels = "labels.txt";

// Field ids and enum values of the schema's tables.
namespace model {
enum : std::uint16_t { name, description, version, subgraphs, min_parser_version = 7 };
}
namespace subgraph {
enum : std::uint16_t { inputs = 2, outputs = 3 };
}
namespace tensor {
enum : std::uint16_t { name, description, content = 3, process_units = 4, files = 6 };
}
namespace content {
enum : std::uint16_t { type, properties };
}
namespace process_unit {
enum : std::uint16_t { type, options };
}
namespace normalization {
enum : std::uint16_t { mean, sd };
}
namespace file {
enum : std::uint16_t { name, description, type };
}
enum class Content : std::uint8_t { features = 1 };
enum class ProcessUnit : std::uint8_t { normalization = 1 };
enum class FileType : std::int8_t { tensor_axis_labels = 2 };

std::string described_input(const Deployment& d) {
  std::vector<std::string> channels;
  for (const signal::Channel& c : d.channels) {
    channels.push_back(c.unit.empty() ? c.name : fmt::format("{} ({})", c.name, c.unit));
  }
  const signal::Imputation imputation = d.pipeline.imputation;
  if (imputation == signal::Imputation::mask) channels.emplace_back("1 where a sample is missing");
  return fmt::format(
      "Windows of {} samples at {} Hz, one every {}. Channels: {}. Missing samples: {}. Then each "
      "channel less its mean, divided by its standard deviation.",
      d.window_length, d.rate_hz, d.hop, join(channels, ", "), signal::imputation_name(imputation));
}

FlatTables::Table features(FlatTables& to) {
  const auto properties = to.table();
  return to.table(Field{content::type, Content::features}, Field{content::properties, properties});
}

FlatTables::Table input_of(FlatTables& to, const Deployment& d) {
  std::vector<float> mean = d.pipeline.statistics.mean, sd = d.pipeline.statistics.sd;
  mean.resize(static_cast<std::size_t>(d.pipeline.input_channels()), 0);
  sd.resize(mean.size(), 1);
  const auto means = to.numbers(mean), sds = to.numbers(sd);
  const auto options = to.table(Field{normalization::mean, means}, Field{normalization::sd, sds});
  const auto units = to.tables({to.table(Field{process_unit::type, ProcessUnit::normalization},
                                         Field{process_unit::options, options})});
  const auto name = to.text(kInputName), description = to.text(described_input(d));
  const auto content = features(to);
  return to.table(Field{tensor::name, name}, Field{tensor::description, description},
                  Field{tensor::content, content}, Field{tensor::process_units, units});
}

FlatTables::Table output_of(FlatTables& to) {
  const auto file_name = to.text(kLabels), file_text = to.text("A label for each value.");
  const auto files =
      to.tables({to.table(Field{file::name, file_name}, Field{file::description, file_text},
                          Field{file::type, FileType::tensor_axis_labels})});
  const auto name = to.text(kOutputName), description = to.text("Logits: the largest wins.");
  const auto content = features(to);
  return to.table(Field{tensor::name, name}, Field{tensor::description, description},
                  Field{tensor::content, content}, Field{tensor::files, files});
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 == 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

// Little-endian, of `size` bytes.
void add(std::string& to, std::size_t value, int size) {
  for (int i = 0; i < size; ++i) to += static_cast<char>(value >> (8 * i) & 0xFF);
}

// What a member's own header and its entry in the directory have in common.
void add_member(std::string& to, std::string_view bytes) {
  constexpr int kVersion = 10, kFirstDay = 1 << 5 | 1;  // 1980-01-01
  add(to, kVersion, 2);
  add(to, 0, 2);  // flags
  add(to, 0, 2);  // stored
  add(to, 0, 2);  // time
  add(to, kFirstDay, 2);
  add(to, crc32(bytes), 4);
  add(to, bytes.size(), 4);
  add(to, bytes.size(), 4);
  add(to, std::string_view(kLabels).size(), 2);
  add(to, 0, 2);  // no extra field
}

}  // namespace

std::string metadata_of(const Deployment& deployment, const std::string& model_name) {
  FlatTables to;
  const auto inputs = to.tables({input_of(to, deployment)});
  const auto outputs = to.tables({output_of(to)});
  const auto subgraphs =
      to.tables({to.table(Field{subgraph::inputs, inputs}, Field{subgraph::outputs, outputs})});
  const auto name = to.text(model_name), version = to.text(deployment.provenance.version);
  const auto description = to.text("A network on windows of sensor samples.");
  const auto parser = to.text(kMinParserVersion);
  return to.finished(to.table(Field{model::name, name}, Field{model::description, description},
                              Field{model::version, version}, Field{model::subgraphs, subgraphs},
                              Field{model::min_parser_version, parser}),
                     kIdentifier);
}

std::string labels_archive(const std::vector<std::string>& labels, std::size_t offset) {
  std::string lines;
  for (std::string label : labels) {
    std::ranges::replace(label, '\n', ' ');
    lines += label + '\n';
  }
  std::string archive = "PK\3\4";
  add_member(archive, lines);
  archive += kLabels + lines;
  const std::size_t directory = archive.size();
  archive += "PK\1\2";
  add(archive, 20, 2);  // made by version 2.0
  add_member(archive, lines);
  add(archive, 0, 2);  // no comment
  add(archive, 0, 2);  // on this disk
  add(archive, 1, 2);  // is text
  add(archive, 0, 4);
  add(archive, offset, 4);
  archive += kLabels;
  const std::size_t size = archive.size() - directory;
  archive += "PK\5\6";
  add(archive, 0, 4);  // disks
  add(archive, 1, 2);  // members, on this disk and in all
  add(archive, 1, 2);
  add(archive, size, 4);
  add(archive, offset + directory, 4);
  add(archive, 0, 2);  // no comment
  return archive;
}

}  // namespace edgeproof::formats::tflite
