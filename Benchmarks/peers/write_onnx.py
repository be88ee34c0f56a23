"""Writes all-MiniLM-L6-v2 as an ONNX graph (standard operators, opset 17) and checks it.

Inputs `input_ids` and `attention_mask`, int64 [batch, tokens]; output `embedding`, float [batch, 384]:
mean-pooled and L2-normalised. The shape of the graph is the one that exporters write, so that the fusions of
both runtimes find what they look for.
"""

import math
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from minilm import (
    HEADS, HEAD_WIDTH, LAYERS, NORM_EPSILON, WIDTH, WORK, cosines, load_weights, pad, reference)

OPSET = 17


class Graph:
    """Nodes and constants, as they are added."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def add(self, operator, *inputs, output=None, **attributes):
        self.count += 1
        output = output or f"{operator.lower()}_{self.count}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], name=f"{operator}_{self.count}", **attributes))
        return output


def build(weights) -> onnx.ModelProto:
    graph = Graph()

    def scalar(name, value):
        return graph.constant(name, numpy.array(value, dtype=numpy.float32))

    def integers(name, *values):
        return graph.constant(name, numpy.array(values, dtype=numpy.int64))

    def weight(name):
        return graph.constant(name, weights[name])

    def norm(x, prefix):
        return graph.add(
            "LayerNormalization", x, weight(prefix + ".weight"), weight(prefix + ".bias"), axis=-1,
            epsilon=NORM_EPSILON)

    def linear(x, prefix):
        product = graph.add("MatMul", x, graph.constant(prefix + ".weight_t", weights[prefix + ".weight"].T))
        return graph.add("Add", product, weight(prefix + ".bias"))

    one, two, root_two, half = scalar("one", 1), scalar("two", 2), scalar("root2", math.sqrt(2)), scalar("half", 0.5)
    root_width, lowest = scalar("root_head_width", math.sqrt(HEAD_WIDTH)), scalar("lowest", -10_000)
    axis_0, axis_1 = integers("axis_0", 0), integers("axis_1", 1)
    axes_12, axis_2 = integers("axes_12", 1, 2), integers("axis_2", 2)
    by_head = integers("by_head", 0, 0, HEADS, HEAD_WIDTH)
    joined = integers("joined", 0, 0, WIDTH)

    # Embeddings: word + position + type 0.
    words = graph.add("Gather", weight("embeddings.word_embeddings.weight"), "input_ids", axis=0)
    shape = graph.add("Shape", "input_ids")
    tokens = graph.add("Gather", shape, axis_1, axis=0)
    positions = graph.add("Slice", weight("embeddings.position_embeddings.weight"), axis_0, tokens, axis_0)
    kind = graph.constant("type_0", weights["embeddings.token_type_embeddings.weight"][0])
    x = norm(graph.add("Add", graph.add("Add", words, kind), positions), "embeddings.LayerNorm")

    # 0 where a token is, -10,000 where padding is.
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    spread = graph.add("Unsqueeze", mask, axes_12)
    penalty = graph.add("Mul", graph.add("Sub", one, spread), lowest)

    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."

        def heads(part, order):
            split = graph.add("Reshape", linear(x, prefix + "attention.self." + part), by_head)
            return graph.add("Transpose", split, perm=order)

        q, k = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
        v = heads("value", [0, 2, 1, 3])
        scores = graph.add("Add", graph.add("Div", graph.add("MatMul", q, k), root_width), penalty)
        context = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), v)
        context = graph.add("Reshape", graph.add("Transpose", context, perm=[0, 2, 1, 3]), joined)
        x = norm(
            graph.add("Add", linear(context, prefix + "attention.output.dense"), x),
            prefix + "attention.output.LayerNorm")
        inner = linear(x, prefix + "intermediate.dense")
        # GELU by the error function, as Hendrycks and Gimpel 2016 define it.
        gate = graph.add("Add", graph.add("Erf", graph.add("Div", inner, root_two)), one)
        inner = graph.add("Mul", graph.add("Mul", inner, gate), half)
        x = norm(graph.add("Add", linear(inner, prefix + "output.dense"), x), prefix + "output.LayerNorm")

    weighted = graph.add("Mul", x, graph.add("Unsqueeze", mask, axis_2))
    total = graph.add("ReduceSum", weighted, axis_1, keepdims=0)
    mean = graph.add("Div", total, graph.add("ReduceSum", mask, axis_1, keepdims=1))
    squares = graph.add("ReduceSum", graph.add("Pow", mean, two), axis_1, keepdims=1)
    graph.add("Div", mean, graph.add("Sqrt", squares), output="embedding")

    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
             for name in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])],
            graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def check(path) -> dict[str, float]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rows, expected = reference()
    ids, mask = pad(rows)
    return cosines(session.run(None, {"input_ids": ids, "attention_mask": mask})[0], expected)


def main():
    WORK.mkdir(exist_ok=True)
    path = WORK / "minilm.onnx"
    onnx.save(build(load_weights()), str(path))
    found = check(path)
    print(f"{path.name}: cosine to the reference {found['cosine_mean']:.7f} mean, {found['cosine_worst']:.7f} worst")
    if found["cosine_worst"] < 0.99999:
        path.unlink()
        sys.exit("the graph does not compute the model; it was removed")


if __name__ == "__main__":
    main()
