#!/usr/bin/env bash
# Installs what building and testing Sibyl needs and this machine lacks.
#
#   scripts/setup.sh                 install what is missing
#   scripts/setup.sh --check         only say what is missing; exit status 1 where something is
#   scripts/setup.sh --no-postgres   leave out the PostgreSQL server, which only tests need
#
# Debian and Ubuntu: installs with apt-get, through sudo where that is needed. Elsewhere: says what to run.
set -euo pipefail
shopt -s nullglob

readonly swift_minimum="6.1"

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

check_only=false
with_postgres=true
for argument in "$@"; do
  case "$argument" in
    --check) check_only=true ;;
    --no-postgres) with_postgres=false ;;
    -h | --help) usage && exit 0 ;;
    *) fail "unknown option \"$argument\"; expected --check, --no-postgres or --help" ;;
  esac
done

# --- What is there ---------------------------------------------------------------------------------------
# Files and commands are looked for, not packages: whatever put them there will do.

have_command() { command -v "$1" >/dev/null 2>&1; }

have_file() {
  local file
  for file in "$@"; do [[ -e $file ]] && return 0; done
  return 1
}

have_header() {
  local header folder
  for header in "$@"; do
    for folder in /usr/include /usr/local/include /usr/include/*-linux-gnu /opt/homebrew/include \
      {/opt/homebrew,/usr/local}/opt/{sqlite,libpq,onednn,curl}/include; do
      [[ -e $folder/$header ]] && return 0
    done
  done
  return 1
}

have() {
  case "$1" in
    make | sqlite3 | python3) have_command "$1" ;;
    # Asking python3 itself takes a tenth of a second, so the usual places come first.
    pip) have_command pip3 || have_file /usr/lib/python3*/{dist,site}-packages/pip \
      || python3 -c 'import pip' >/dev/null 2>&1 ;;
    # Swift links with the C++ standard library and OpenMP that come with gcc; macOS has its own.
    c++) [[ $(uname) == Darwin ]] || { have_file /usr/lib/gcc/*/*/libstdc++.so /usr/lib64/libstdc++.so \
      && have_file /usr/lib/gcc/*/*/libgomp.so /usr/lib64/libgomp.so; } ;;
    sqlite-headers) have_header sqlite3ext.h ;;
    libpq-headers) have_header libpq-fe.h postgresql/libpq-fe.h ;;
    curl-headers) have_header curl/curl.h ;;
    onednn-headers) have_header oneapi/dnnl/dnnl.h dnnl.h ;;
    postgres) have_command postgres || have_file /usr/lib/postgresql/*/bin/postgres \
      /usr/pgsql-*/bin/postgres {/opt/homebrew,/usr/local}/opt/postgresql@*/bin/postgres ;;
  esac
}

requirements=(make c++ sqlite3 sqlite-headers libpq-headers onednn-headers curl-headers python3 pip)
if $with_postgres; then requirements+=(postgres); fi

# What a requirement's package is called, by family of systems.
package_of() {
  case "$1:$2" in
    debian:c++) echo g++ ;;
    debian:sqlite-headers) echo libsqlite3-dev ;;
    debian:libpq-headers) echo libpq-dev ;;
    debian:curl-headers) echo libcurl4-openssl-dev ;;
    debian:onednn-headers) echo libdnnl-dev ;;
    debian:pip) echo python3-pip ;;
    debian:postgres) echo postgresql ;;
    fedora:c++) echo gcc-c++ ;;
    fedora:sqlite3) echo sqlite ;;
    fedora:sqlite-headers) echo sqlite-devel ;;
    fedora:libpq-headers) echo libpq-devel ;;
    fedora:curl-headers) echo libcurl-devel ;;
    fedora:onednn-headers) echo onednn-devel ;;
    fedora:pip) echo python3-pip ;;
    fedora:postgres) echo postgresql-server postgresql-contrib ;;
    arch:c++) echo gcc ;;
    arch:sqlite3 | arch:sqlite-headers) echo sqlite ;;
    arch:libpq-headers) echo postgresql-libs ;;
    arch:curl-headers) echo curl ;;
    arch:onednn-headers) echo onednn ;;
    arch:python3) echo python ;;
    arch:pip) echo python-pip ;;
    arch:postgres) echo postgresql ;;
    brew:sqlite3 | brew:sqlite-headers) echo sqlite ;;
    brew:libpq-headers) echo libpq ;;
    brew:curl-headers) echo curl ;;
    brew:onednn-headers) echo onednn ;;
    brew:python3 | brew:pip) echo python ;;
    brew:postgres) echo postgresql@15 ;;
    *) echo "$2" ;;
  esac
}

system_family() {
  if [[ $(uname) == Darwin ]]; then
    echo brew
  elif have_command apt-get; then
    echo debian
  elif have_command dnf; then
    echo fedora
  elif have_command pacman; then
    echo arch
  else
    echo other
  fi
}

# --- Swift -----------------------------------------------------------------------------------------------

check_swift() {
  have_command swift \
    || fail "Swift is not installed; get $swift_minimum or newer from https://www.swift.org/install"
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || fail "\"swift --version\" does not say a version; install Swift anew from https://www.swift.org/install"
  if [[ $(printf '%s\n%s\n' "$swift_minimum" "$version" | sort -V | head -n 1) != "$swift_minimum" ]]; then
    fail "Swift $version is too old; get $swift_minimum or newer from https://www.swift.org/install"
  fi
  say "Swift $version"
}

# --- Debian and Ubuntu -----------------------------------------------------------------------------------

# Runs a command as root: directly, or through sudo, which may ask for a password only where someone can
# type one.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

may_become_root() {
  [[ $(id -u) == 0 ]] || { have_command sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; }
}

apt() {
  # Another apt-get (a machine's own updates, say) is waited for, two minutes at most.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 \
    -o Dpkg::Use-Pty=0 "$@"
}

# Lists are under a lock that apt-get does not wait for. Where one of the machine's sources stays out of
# reach, the others may still have what is needed.
update_lists() {
  local attempt
  for attempt in 1 2 3 4; do
    apt update && return 0
    say "apt-get update failed (attempt $attempt of 4)"
    sleep $((attempt * 3))
  done
}

install_debian() {
  local packages=("$@")
  may_become_root || fail "root is needed to install packages, and sudo is not there or wants a password; run:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}"
  say "apt-get update"
  update_lists
  local settings=/etc/postgresql-common/createcluster.conf
  if [[ " ${packages[*]} " == *" postgresql "* && ! -e $settings ]]; then
    # Debian's package would make a database cluster and start it at every boot. Tests make their own, in
    # temporary folders, so that one is held back; what is installed later is as the administrator is used to.
    say "apt-get install postgresql-common"
    apt install -y --no-install-recommends postgresql-common >/dev/null
    as_root sed -i 's/^#\{0,1\}create_main_cluster *=.*/create_main_cluster = false # set by setup.sh/' "$settings"
    trap 'as_root sed -i "s/^create_main_cluster = false # set by setup.sh/#create_main_cluster = true/" /etc/postgresql-common/createcluster.conf' EXIT
  fi
  say "apt-get install ${packages[*]}"
  apt install -y --no-install-recommends "${packages[@]}" >/dev/null \
    || fail "apt-get could not install these packages; see its message above"
}

# --- Main ------------------------------------------------------------------------------------------------

check_swift

missing=()
for requirement in "${requirements[@]}"; do
  have "$requirement" || missing+=("$requirement")
done
if [[ ${#missing[@]} == 0 ]]; then
  say "everything is there (${requirements[*]})"
  exit 0
fi

family=$(system_family)
packages=()
for requirement in "${missing[@]}"; do
  for package in $(package_of "$family" "$requirement"); do
    [[ " ${packages[*]-} " == *" $package "* ]] || packages+=("$package")
  done
done
say "missing: ${missing[*]}"

case "$family" in
  debian) advice="sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}" ;;
  fedora) advice="sudo dnf install -y ${packages[*]}" ;;
  arch) advice="sudo pacman -S --needed ${packages[*]}" ;;
  brew) advice="brew install ${packages[*]}" ;;
  other) advice="your system's packages for: make, g++ with OpenMP, SQLite, libpq, oneDNN and libcurl with their headers, python3 with pip, PostgreSQL" ;;
esac
if $check_only; then
  fail "install it with: $advice"
elif [[ $family != debian ]]; then
  fail "this script installs packages on Debian and Ubuntu only; here, run: $advice"
fi

install_debian "${packages[@]}"
for requirement in "${missing[@]}"; do
  have "$requirement" || fail "$requirement is still missing after installing $(package_of debian "$requirement")"
done
say "everything is there (${requirements[*]})"
