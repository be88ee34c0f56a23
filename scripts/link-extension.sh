#!/bin/sh
# Links build/sibyl.so, the one file that a user loads into SQLite, and checks that it keeps its promises.
#
#   swift build -c release --product SibylSQLite && scripts/link-extension.sh [OUTPUT]
#
# The Swift runtime goes inside (-static-stdlib), so that no Swift needs to be installed where the file is
# used; BoringSSL comes in with the archive. What it may ask of the system is the list NEEDED below.
# SIBYL_BUILD_FOLDER names SwiftPM's output folder where it is not .build/release.
set -eu

cd "$(dirname "$0")/.."
output=${1:-build/sibyl.so}
folder=${SIBYL_BUILD_FOLDER:-.build/release}
list=$folder/SibylSQLite.product/Objects.LinkFileList
[ -f "$list" ] || {
  echo "link-extension: $list is missing; run: swift build -c release --product SibylSQLite" >&2
  exit 1
}
mkdir -p "$(dirname "$output")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Our own objects are all linked. Those of swift-crypto become an archive, from which the linker takes the few
# that SHA-256 needs. (SwiftPM's own archive won't do: it keeps the objects of files that were removed.)
foreign='/\(C*Crypto[A-Za-z]*\|CXKCP[A-Za-z]*\)\.build/'
grep -v "$foreign" "$list" | sed 's/.*/"&"/' >"$scratch/objects"
grep "$foreign" "$list" | sed 's/.*/"&"/' | xargs ar crs "$scratch/libforeign.a"

case $(uname -s) in
Darwin)
  # macOS carries the Swift runtime itself; the exported symbol is named with its C underscore.
  echo _sqlite3_sibyl_init >"$scratch/exports"
  swiftc -emit-library -o "$output" \
    @"$scratch/objects" "$scratch/libforeign.a" \
    -Xlinker -exported_symbols_list -Xlinker "$scratch/exports" -Xlinker -dead_strip \
    -L"$(brew --prefix onednn 2>/dev/null || echo /usr/local)/lib" -ldnnl
  echo "$output: $(wc -c <"$output" | tr -d ' ') bytes"
  exit 0
  ;;
esac

# Only the entry point is visible: a host may hold another copy of the Swift runtime, another BoringSSL,
# another everything, and neither side may see the other's symbols.
echo '{ global: sqlite3_sibyl_init; local: *; };' >"$scratch/exports.map"

# -z nodelete   the file stays mapped after its last connection closes: worker threads and Swift's metadata
#               live as long as the process.
# -Bsymbolic    calls inside the file stay inside the file.
swiftc -emit-library -static-stdlib -use-ld=lld -o "$output" \
  @"$scratch/objects" "$scratch/libforeign.a" \
  -lFoundationEssentials -l_FoundationCShims -l_FoundationCollections \
  -lswiftSynchronization -lswift_StringProcessing -lswift_RegexParser -lswift_Concurrency \
  -lswiftGlibc -lswift_Builtin_float \
  -ldnnl -lgomp \
  -Xlinker --as-needed -Xlinker --gc-sections -Xlinker -s \
  -Xlinker -z -Xlinker nodelete -Xlinker -z -Xlinker now -Xlinker -Bsymbolic \
  -Xlinker --version-script -Xlinker "$scratch/exports.map"

failed=0
complain() {
  echo "link-extension: $1" >&2
  failed=1
}

# What the file needs from the system.
for library in $(readelf -d "$output" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
  case $library in
  libc.so.* | libm.so.* | libstdc++.so.* | libgomp.so.* | libdnnl.so.* | libgcc_s.so.* | ld-linux*) ;;
  *) complain "$output needs $library, which is not on the list of libraries it may need" ;;
  esac
done

# What it gives: one symbol.
exports=$(nm -D --defined-only "$output" | awk '{ print $NF }' | sort | tr '\n' ' ')
[ "$exports" = "sqlite3_sibyl_init " ] ||
  complain "$output must export sqlite3_sibyl_init and nothing else; it exports: $exports"

# SQLite is called through the host's table of functions only (Sources/CSQLite).
direct=$(nm -D --undefined-only "$output" | awk '{ print $NF }' | grep '^sqlite3_' | tr '\n' ' ' || true)
[ -z "$direct" ] || complain "$output calls SQLite directly instead of through CSQLite: $direct"

readelf -d "$output" | grep -q NODELETE || complain "$output is not marked nodelete"
[ "$failed" = 0 ] || exit 1
echo "$output: $(wc -c <"$output" | tr -d ' ') bytes"
