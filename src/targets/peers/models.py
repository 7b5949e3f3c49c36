"""ONNX models by hand, in the forms that converters write."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(3)


class Model:
    """Collects nodes; every method returns the name of what it makes."""

    def __init__(self, opset=17):
        self.nodes, self.constants, self.opset, self.count = [], [], opset, 0

    def fresh(self, part):
        self.count += 1
        return f"{part}_{self.count}"

    def constant(self, values):
        name = self.fresh("const")
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weight(self, *shape, scale=0.4):
        return self.constant((random.normal(size=shape) * scale).astype(np.float32))

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def add(self, op, *inputs, domain="", **attributes):
        output = self.fresh(op)
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=f"n/{output}", domain=domain,
                                           **attributes))
        return output

    def save(self, path, input_shape, output, outputs=None, domains=()):
        batch = ["N", *input_shape]
        made = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)] if outputs is None else outputs
        graph = helper.make_graph(self.nodes, "model", [helper.make_tensor_value_info("x", TensorProto.FLOAT, batch)],
                                  made, self.constants)
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 1) for d in domains]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
