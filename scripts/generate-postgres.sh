#!/bin/sh
# Writes sql/postgres/functions.sql from the catalogue. Run it after changing a function's declaration or a file in
# sql/postgres/support; a test fails when the file is stale.
#
#   scripts/generate-postgres.sh [COMMAND]     COMMAND is the command line, by default build/sibyl
set -eu

cd "$(dirname "$0")/.."
functions=sql/postgres/functions.sql
new=$(mktemp)
trap 'rm -f "$new"' EXIT
"${1:-build/sibyl}" functions --postgres >"$new"
if cmp -s "$new" "$functions"; then exit 0; fi
cp "$new" "$functions"
