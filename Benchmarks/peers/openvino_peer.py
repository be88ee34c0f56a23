"""OpenVINO on our ONNX graph: float32 and bfloat16."""

import openvino

from minilm import WORK, pad
from peer import arguments, measure


def main():
    options = arguments(["f32", "bf16"])
    core = openvino.Core()
    compiled = core.compile_model(
        str(WORK / "minilm.onnx"), "CPU",
        {
            "INFERENCE_PRECISION_HINT": options.variant,
            "INFERENCE_NUM_THREADS": str(options.cores),
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
        })
    request = compiled.create_infer_request()
    output = compiled.output(0)

    def prepare(rows):
        ids, mask = pad(rows)
        return {"input_ids": ids, "attention_mask": mask}

    def run(inputs):
        return request.infer(inputs, share_inputs=True)[output].copy()

    measure(
        options, f"openvino {openvino.__version__.split('-')[0]}", [1, 4, 8, 16, 32, 64], prepare, run)


if __name__ == "__main__":
    main()
