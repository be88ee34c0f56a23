"""ONNX Runtime on our ONNX graph: float32, and dynamic int8 with per-channel weights."""

import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

from minilm import WORK, pad
from peer import arguments, measure


def model_path(variant: str) -> str:
    path = WORK / "minilm.onnx"
    if variant == "f32":
        return str(path)
    quantised = WORK / "minilm-int8.onnx"
    if not quantised.is_file() or quantised.stat().st_mtime < path.stat().st_mtime:
        quantize_dynamic(
            str(path), str(quantised), per_channel=True, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"])
    return str(quantised)


def main():
    options = arguments(["f32", "int8"])
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.cores
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model_path(options.variant), settings, providers=["CPUExecutionProvider"])

    def prepare(rows):
        ids, mask = pad(rows)
        return {"input_ids": ids, "attention_mask": mask}

    measure(
        options, f"onnxruntime {onnxruntime.__version__}", [1, 4, 8, 16, 32, 64], prepare,
        lambda inputs: session.run(None, inputs)[0])


if __name__ == "__main__":
    main()
