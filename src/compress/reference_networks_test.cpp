#include "compress/reference_networks.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "graph/cost.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

TEST(ReferenceNetworks, HaveTheirMacsInFp32AndInt8) {
  const std::int64_t macs[] = {1233280, 1429888, 1245824, 1333632, 3686592, 3879296};
  for (std::size_t i = 0; i < 6; ++i) {
    for (const bool int8 : {false, true}) {
      const graph::Graph graph = reference_network(reference_networks()[i], int8);
      graph::validate(graph);
      EXPECT_EQ(graph::is_int8(graph), int8);
      EXPECT_EQ(graph::macs(graph), macs[i]);
    }
  }
}

TEST(ReferenceNetworks, AnUnknownNameIsAnError) {
  EXPECT_THROW(reference_network("r4", false), Error);
}

}  // namespace
}  // namespace edgeproof::compress
