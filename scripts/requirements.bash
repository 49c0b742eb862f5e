# What building and running needs, and how to say that it is missing. Sourced by the other scripts.

swift_wanted="6.3"

stop() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# True when $1 is at least $2, both like 6.3.1.
is_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Finds Swift on the path or where its installers put it.
need_swift() {
  local place version
  if ! command -v swift >/dev/null; then
    for place in "${SWIFTLY_BIN_DIR:-}" "${HOME:-}/.local/share/swiftly/bin" /opt/swift/usr/bin /usr/local/swift/usr/bin; do
      [ -n "$place" ] && [ -x "$place/swift" ] && PATH="$place:$PATH" && break
    done
  fi
  command -v swift >/dev/null || stop "the Swift toolchain is missing: \`swift\` $swift_wanted or newer is needed." \
    "Get it from https://www.swift.org/install/linux/ (Debian 12), by swiftly or as an archive," \
    "put its usr/bin on PATH, and run this again."
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [ -n "$version" ] || stop "\`swift --version\` does not answer: the toolchain at $(command -v swift) is broken." \
    "Its own requirements are listed at https://www.swift.org/install/linux/."
  is_at_least "$version" "$swift_wanted" || stop "Swift $version is too old: $swift_wanted or newer is needed." \
    "Get it from https://www.swift.org/install/linux/ and put its usr/bin first on PATH."
}

# Debian packages: installs those that are missing where it may, or says which they are.
need_packages() {
  local package missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    for package in libsodium sqlite3 libedit; do
      pkg-config --exists "$package" 2>/dev/null || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] || stop "these libraries are missing, with their headers: ${missing[*]}" \
      "This is no Debian; install them with your system's package manager."
    return 0
  fi
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal nobody could type sudo's password.
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      stop "these Debian packages are missing, and this user may not install them:" \
        "apt-get install ${missing[*]}" "Have that run as root, and run this again."
    fi
  fi
  printf 'Installing Debian packages: %s\n' "${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -q \
    && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    stop "the packages could not be installed; what apt-get said stands above."
  fi
  rm -f "$log"
}

# To compile, link and run: what Swift's Debian archive expects, and our three libraries.
build_packages=(
  binutils ca-certificates git libc6-dev libgcc-12-dev libstdc++-12-dev pkg-config tzdata zlib1g-dev
  libedit-dev libsodium-dev libsqlite3-dev
)
