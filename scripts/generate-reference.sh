#!/bin/sh
# Writes the README's table of functions from the catalogue. `make build` runs it.
#
#   scripts/generate-reference.sh [COMMAND]     COMMAND is the command line, by default build/sibyl
set -eu

cd "$(dirname "$0")/.."
table=$(mktemp)
trap 'rm -f "$table"' EXIT
"${1:-build/sibyl}" functions --markdown >"$table"
awk -v table="$table" '
  /^<!-- end of functions -->/ { inside = 0 }
  !inside { print }
  /^<!-- functions: / { inside = 1; while ((getline line < table) > 0) print line }
' README.md >"$table.new"
if cmp -s "$table.new" README.md; then rm -f "$table.new"; else mv "$table.new" README.md; fi
