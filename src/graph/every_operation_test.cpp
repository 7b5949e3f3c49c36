// What module graph says of every alternative of Op.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/error.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/operation_samples_testing.h"
#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::graph {
namespace {

TEST(EveryOperation, HasSamplesOfItself) {
  std::set<std::size_t> alternatives;
  for (const OperationSample& sample : operation_samples()) {
    alternatives.insert(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op.index());
    EXPECT_EQ(sample.graph.nodes[static_cast<std::size_t>(sample.node)].name, "operation");
  }
  EXPECT_EQ(alternatives.size(), std::variant_size_v<Op>);
}

TEST(EveryOperation, HasItsShapeAndItsCost) {
  for (const OperationSample& sample : operation_samples()) {
    const auto n = static_cast<std::size_t>(sample.node);
    SCOPED_TRACE(op_name(sample.graph.nodes[n].op));
    validate(sample.graph);
    EXPECT_EQ(infer_shapes(sample.graph)[n], sample.shape);
    EXPECT_EQ(macs_per_node(sample.graph)[n], sample.macs);
    EXPECT_EQ(traits(sample.graph.nodes[n].op).multiply_accumulates, sample.macs > 0);
    const Weights* weights = weights_of(sample.graph.nodes[n].op);
    EXPECT_EQ(weights != nullptr, sample.macs > 0);
  }
}

TEST(EveryOperation, RefusesAnotherNumberOfInputs) {
  for (const OperationSample& sample : operation_samples()) {
    const auto n = static_cast<std::size_t>(sample.node);
    const InputCount count = traits(sample.graph.nodes[n].op).inputs;
    for (const int inputs : {0, 1, 2, 3}) {
      Graph graph = sample.graph;
      // The input stays used: every convolution reads it.
      graph.nodes[n].inputs.assign(static_cast<std::size_t>(inputs), sample.node > 1 ? 1 : 0);
      std::string message;
      try {
        validate(graph);
      } catch (const Error& error) {
        message = error.what();
      }
      const std::string expected = fmt::format(": has {} inputs, expected", inputs);
      if (inputs >= count.least && inputs <= count.most) {
        EXPECT_THAT(message, testing::Not(testing::HasSubstr(expected)));
      } else {
        EXPECT_THAT(message, testing::HasSubstr(expected));
      }
    }
  }
}

// Folding leaves no operation that folds, and all others.
TEST(EveryOperation, FoldsOrStays) {
  for (const OperationSample& sample : operation_samples()) {
    const Op& op = sample.graph.nodes[static_cast<std::size_t>(sample.node)].op;
    SCOPED_TRACE(op_name(op));
    const Graph folded = fold(with_random_parameters(sample.graph, 1));
    for (const Node& node : folded.nodes) EXPECT_FALSE(traits(node.op).folds);
    EXPECT_EQ(folded.nodes.size(), sample.graph.nodes.size() - (traits(op).folds ? 1 : 0));
  }
}

}  // namespace
}  // namespace edgeproof::graph
