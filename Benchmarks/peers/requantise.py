"""A GGUF file's weights in another format, as llama-quantize writes them: requantise.py SOURCE TARGET q4_0|q8_0"""

import ctypes
import os
import sys

from llama_cpp_peer import bindings

source, target, variant = sys.argv[1:]
api = bindings()
quiet = api.llama_log_callback(lambda level, text, data: None)
api.llama_log_set(quiet, None)
api.llama_backend_init()
settings = api.llama_model_quantize_default_params()
settings.ftype = {"q4_0": api.LLAMA_FTYPE_MOSTLY_Q4_0, "q8_0": api.LLAMA_FTYPE_MOSTLY_Q8_0}[variant]
settings.allow_requantize = True
settings.nthread = os.cpu_count()
status = api.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(settings))
if status != 0:
    raise SystemExit(f"llama_model_quantize answered {status}")
