#!/bin/sh
# Writes Sources/Functions/CatalogueList.swift: the list of every function declared in
# Sources/Functions/Catalogue. Run it after adding, renaming or removing a function; a test fails when the
# list is stale.
#
#   scripts/generate-catalogue.sh          writes the file
#   scripts/generate-catalogue.sh --print  prints what the file should hold
set -eu
LC_ALL=C
export LC_ALL

cd "$(dirname "$0")/.."
list=Sources/Functions/CatalogueList.swift

# The declarations of one kind: lines like "  static let sentiment = AIFunction(".
declarations() {
  sed -n "s/^  static let \([A-Za-z0-9]*\) = $1($/    .\1,/p" Sources/Functions/Catalogue/*.swift | sort
}

print_list() {
  cat <<SWIFT
// Derived from the declarations in Catalogue/ by scripts/generate-catalogue.sh; do not edit.

extension Catalogue {
  static let declaredFunctions: [AIFunction] = [
$(declarations AIFunction)
  ]

  static let declaredTables: [AITable] = [
$(declarations AITable)
  ]

  static let declaredAggregates: [AIAggregate] = [
$(declarations AIAggregate)
  ]
}
SWIFT
}

case ${1:-} in
--print) print_list ;;
'') print_list >"$list" ;;
*)
  echo "usage: $0 [--print]" >&2
  exit 2
  ;;
esac
