#!/bin/sh
# Installs the engines that Sibyl is compared with into Benchmarks/peers/work (not tracked): a Python environment,
# the model in their formats, and llama.cpp built for this machine. What is there already is kept; what can't be
# installed is left out and reported by the benchmark as not available.
#
#   Benchmarks/peers/install.sh          # rm -rf Benchmarks/peers/work begins anew
set -u

cd "$(dirname "$0")"
LLAMA_CPP_PYTHON=0.3.36
python=${PYTHON:-python3}
jobs=$(getconf _NPROCESSORS_ONLN)
mkdir -p work

try() { # try WHAT COMMAND…: runs quietly, says what failed
  what=$1
  shift
  if ! "$@" >work/install.log 2>&1; then
    echo "peers: $what failed: $(tail -n 1 work/install.log)" >&2
    return 1
  fi
}

if [ ! -x work/venv/bin/python ]; then
  try "python3 -m venv" "$python" -m venv work/venv || exit 1
fi
bin=$PWD/work/venv/bin

# One by one: a package that can't be had leaves the others.
# From fastapi on: what llama-cpp-python's server needs, which tests ask.
for package in numpy tokenizers onnx==1.23.2 onnxruntime==1.31.1 openvino==2026.4.1 gguf==0.19.0 sqlite-ai==1.0.8 \
  sqlite-vec==0.1.9 fastapi uvicorn pydantic-settings sse-starlette starlette-context PyYAML diskcache jinja2; do
  "$bin/pip" show -q "${package%%=*}" >/dev/null 2>&1 ||
    { echo "peers: installing $package" >&2 && try "pip install $package" "$bin/pip" install -q "$package"; }
done

if [ ! -f work/minilm.onnx ]; then
  try "writing the ONNX graph" "$bin/python" write_onnx.py && cat work/install.log >&2
fi
if [ ! -f work/minilm-q4_0.gguf ]; then
  try "writing the GGUF files" "$bin/python" write_gguf.py && cat work/install.log >&2
fi

# llama.cpp, from the source that llama-cpp-python carries.
if [ ! -e work/llama.cpp/bin/libllama.so ] && [ ! -e work/llama.cpp/bin/libllama.dylib ]; then
  echo "peers: building llama.cpp" >&2
  try "pip install cmake ninja" "$bin/pip" install -q cmake ninja scikit-build-core &&
    try "downloading llama-cpp-python" "$bin/pip" download -q --no-deps --no-binary :all: --no-build-isolation \
      -d work/download "llama-cpp-python==$LLAMA_CPP_PYTHON" &&
    try "unpacking llama-cpp-python" tar -xzf "work/download/llama_cpp_python-$LLAMA_CPP_PYTHON.tar.gz" -C work &&
    ln -sfn "llama_cpp_python-$LLAMA_CPP_PYTHON" work/llama_cpp_python &&
    try "configuring llama.cpp" "$bin/cmake" -S work/llama_cpp_python/vendor/llama.cpp -B work/llama.cpp -G Ninja \
      -DCMAKE_MAKE_PROGRAM="$bin/ninja" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=ON \
      -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF \
      -DLLAMA_BUILD_COMMON=OFF &&
    try "building llama.cpp" "$bin/cmake" --build work/llama.cpp --target llama -j "$jobs"
fi
exit 0
