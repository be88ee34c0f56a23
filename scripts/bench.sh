#!/bin/sh
# Measures Sibyl beside other engines: see Benchmarks/bench.py, which takes the same options.
#
#   scripts/bench.sh [--skip-peers] [--quick] [--only GROUP] [--rounds N]
#
# Needs what `make models` leaves: build/sibyl, build/sibyl.so and the model.
set -eu

cd "$(dirname "$0")/.."
[ -x build/sibyl ] || {
  echo "bench: build/sibyl is missing; run: make build" >&2
  exit 1
}
build/sibyl models path minilm >/dev/null || exit 1
build/sibyl models path smollm2 >/dev/null || exit 1
exec python3 Benchmarks/bench.py "$@"
