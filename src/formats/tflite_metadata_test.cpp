#include "formats/tflite_metadata.h"

#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/tflite.h"

namespace edgeproof::formats {
namespace {

using flatbuffers::Table;
using Tables = flatbuffers::Vector<flatbuffers::Offset<Table>>;

Deployment deployment(signal::Imputation imputation = signal::Imputation::hold) {
  return {.window_length = 64,
          .hop = 32,
          .rate_hz = 50,
          .channels = {{"x", "g", 0}, {"y", "", 1}, {"z", "g", 2}},
          .pipeline = {imputation, {{1, 2, 3}, {4, 5, 6}}},
          .labels = {"sit", "go\nfast", "run", "lie", "fall"},
          .provenance = {.version = "1.2"}};
}

template <typename T>
const T* at(const Table* table, std::uint16_t id) {
  return table->GetPointer<const T*>(flatbuffers::FieldIndexToOffset(id));
}
std::string text(const Table* table, std::uint16_t id) {
  return at<flatbuffers::String>(table, id)->str();
}
std::vector<float> floats(const Table* table, std::uint16_t id) {
  const auto* values = at<flatbuffers::Vector<float>>(table, id);
  return {values->begin(), values->end()};
}

TEST(TfliteMetadata, SaysNormalizationAndLabels) {
  const std::string bytes = tflite::metadata_of(deployment(), "net");
  ASSERT_TRUE(flatbuffers::BufferHasIdentifier(bytes.data(), "M001"));
  const auto* model = flatbuffers::GetRoot<Table>(bytes.data());
  EXPECT_EQ(text(model, 0), "net");
  EXPECT_EQ(text(model, 2), "1.2");
  const Table* network = at<Tables>(model, 3)->Get(0);
  const Table* input = at<Tables>(network, 2)->Get(0);
  EXPECT_EQ(text(input, 0), "windows");
  EXPECT_NE(text(input, 1).find("64 samples at 50 Hz, one every 32. Channels: x (g), y, z (g)"),
            std::string::npos);
  const Table* normalization = at<Table>(at<Tables>(input, 4)->Get(0), 1);
  EXPECT_EQ(floats(normalization, 0), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(floats(normalization, 1), (std::vector<float>{4, 5, 6}));
  const Table* output = at<Tables>(network, 3)->Get(0);
  EXPECT_EQ(text(output, 0), "logits");
  EXPECT_EQ(text(at<Tables>(output, 6)->Get(0), 0), "labels.txt");
}

TEST(TfliteMetadata, TheChannelOfAMaskIsNotNormalized) {
  const std::string bytes = tflite::metadata_of(deployment(signal::Imputation::mask), "net");
  const Table* network = at<Tables>(flatbuffers::GetRoot<Table>(bytes.data()), 3)->Get(0);
  const Table* normalization = at<Table>(at<Tables>(at<Tables>(network, 2)->Get(0), 4)->Get(0), 1);
  EXPECT_EQ(floats(normalization, 0), (std::vector<float>{1, 2, 3, 0}));
  EXPECT_EQ(floats(normalization, 1), (std::vector<float>{4, 5, 6, 1}));
}

std::uint32_t number(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// As a reader of zip finds it: from the end to the directory to the member. The checksum is zlib's.
TEST(TfliteMetadata, LabelsAreInAnArchiveBehindTheModel) {
  const std::string file = "model" + tflite::labels_archive({"a", "b c"}, 5);
  const std::size_t end = file.size() - 22;
  ASSERT_EQ(file.substr(end, 4), "PK\5\6");
  const std::uint32_t directory = number(file, end + 16);
  ASSERT_EQ(file.substr(directory, 4), "PK\1\2");
  EXPECT_EQ(number(file, end + 12), end - directory);
  EXPECT_EQ(file.substr(directory + 46), "labels.txt" + file.substr(end));
  const std::uint32_t member = number(file, directory + 42);
  ASSERT_EQ(file.substr(member, 4), "PK\3\4");
  EXPECT_EQ(number(file, member + 22), 6U);
  EXPECT_EQ(file.substr(member + 30, 16), "labels.txta\nb c\n");
  EXPECT_EQ(number(tflite::labels_archive({"12345678"}, 0), 14), 0x74245830U);
}

TEST(TfliteMetadata, GoesIntoModelsWithAWholePipelineOnly) {
  const auto graph = with_random_weights(graph::cnn({{64, 3}, 5}), 1);
  const auto metadata = to_metadata(deployment());
  const std::string file = to_tflite({graph, metadata});
  EXPECT_NE(file.find("TFLITE_METADATA"), std::string::npos);
  EXPECT_NE(file.find("labels.txtsit\ngo fast\nrun\nlie\nfall\n"), std::string::npos);
  EXPECT_EQ(to_tflite({graph, {}}).find("TFLITE_METADATA"), std::string::npos);
  const auto other = with_random_weights(graph::cnn({{64, 3}, 4}), 1);
  EXPECT_THROW(to_tflite({other, metadata}), Error);
}

}  // namespace
}  // namespace edgeproof::formats
