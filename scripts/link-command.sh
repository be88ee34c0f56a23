#!/bin/sh
# Links build/sibyl, the command line, with the Swift runtime inside, so that it runs where no Swift is installed.
#
#   swift build -c release --product sibyl && scripts/link-command.sh [OUTPUT]
#
# SwiftPM could do it (--static-swift-stdlib), but it would compile everything anew each time the flag comes and
# goes, and `swift test` does not know the flag.
# SIBYL_BUILD_FOLDER names SwiftPM's output folder where it is not .build/release.
set -eu

cd "$(dirname "$0")/.."
output=${1:-build/sibyl}
folder=${SIBYL_BUILD_FOLDER:-.build/release}
list=$folder/sibyl.product/Objects.LinkFileList
[ -f "$list" ] || {
  echo "link-command: $list is missing; run: swift build -c release --product sibyl" >&2
  exit 1
}
mkdir -p "$(dirname "$output")"

case $(uname -s) in
Darwin)
  # macOS carries the Swift runtime itself.
  rm -f "$output"
  cp "$folder/sibyl" "$output"
  strip "$output"
  exit 0
  ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Our own objects are all linked; from the others the linker takes what is needed.
# Single quotes stand around names with spaces, and are taken off here.
quoted() { sed "s/^'\(.*\)'\$/\1/; s/.*/\"&\"/"; }
foreign='/\(C*Crypto[A-Za-z]*\|CXKCP[A-Za-z]*\|CNIOBoringSSL[A-Za-z]*\|NIOSSL\)\.build/'
grep -v "$foreign" "$list" | quoted >"$scratch/objects"
grep "$foreign" "$list" | quoted | xargs ar crs "$scratch/libforeign.a"

# SwiftPM names the entry point after the module.
swiftc -emit-executable -static-stdlib -use-ld=lld -o "$scratch/sibyl" \
  @"$scratch/objects" "$scratch/libforeign.a" \
  -lFoundationEssentials -l_FoundationCShims -l_FoundationCollections \
  -lswiftSynchronization -lswift_StringProcessing -lswift_RegexParser -lswift_Concurrency \
  -lswiftGlibc -lswift_Builtin_float \
  -lsqlite3 -lpq -ldnnl -lgomp \
  -Xlinker --defsym=main=sibyl_main \
  -Xlinker --as-needed -Xlinker --gc-sections -Xlinker -s

for library in $(readelf -d "$scratch/sibyl" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
  case $library in
  libc.so.* | libm.so.* | libstdc++.so.* | libgomp.so.* | libdnnl.so.* | libsqlite3.so.* | libpq.so.* | libgcc_s.so.* | ld-linux*) ;;
  *)
    echo "link-command: $output needs $library, which is not on the list of libraries it may need" >&2
    exit 1
    ;;
  esac
done

# Moved into place, so that a running command is not overwritten.
mv -f "$scratch/sibyl" "$output"
echo "$output: $(wc -c <"$output" | tr -d ' ') bytes"
