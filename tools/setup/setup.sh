# Shell functions that ./run, ./test and .ci/run share: packages and building. Sourced; $top is the clone.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# packages_of PART...: the names below [PART] in packages.txt.
packages_of() {
  awk -v parts=" $* " '/^\[/ { on = index(parts, " " substr($0, 2, length($0) - 2) " "); next }
    on && !/^#/ && NF' "$top/tools/setup/packages.txt"
}

# Those of the named packages that are not installed.
missing_packages() {
  local installed
  # dpkg-query fails when it does not know one of them, which is no reason for `set -e` to end here.
  installed=$({ dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
    awk '$2 == "installed" { print $1 }')
  printf '%s\n' "$@" | grep -vxF "${installed:-none}"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages PART...: asks Debian for what is missing, and for nothing when all is there.
install_packages() {
  local missing log=$top/build/logs/packages.log
  command -v dpkg-query >/dev/null || die "This needs Debian 12: dpkg-query was not found."
  mapfile -t missing < <(missing_packages $(packages_of "$@"))
  [ ${#missing[@]} = 0 ] && return
  say "Installing from Debian (1 to 5 minutes): ${missing[*]}"
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "This needs root or sudo. As root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  mkdir -p "${log%/*}"
  if ! apt_install "${missing[@]}" >"$log" 2>&1; then
    { as_root apt-get -q update && apt_install "${missing[@]}"; } >>"$log" 2>&1 ||
      { tail -n 30 "$log"; die "Packages could not be installed; the whole log is $log"; }
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "$@" </dev/null
}

# build PRESET TARGET...: configures once (Ninja does it again when the files of CMake change) and builds.
# On a terminal Ninja shows its progress; elsewhere the output goes to a log, shown when the build fails.
build() {
  local preset=$1 folder=$top/build/$1 log=$top/build/logs/build-$1.log
  shift
  mkdir -p "${log%/*}"
  if [ ! -f "$folder/build.ninja" ]; then
    (cd "$top" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log"; return 1; }
  fi
  if [ -t 1 ]; then
    ninja -C "$folder" "$@"
  else
    ninja -C "$folder" "$@" >"$log" 2>&1 || { grep -v '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 120; return 1; }
  fi
}
