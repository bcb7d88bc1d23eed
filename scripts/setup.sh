#!/usr/bin/env bash
# Installs what this repository needs on a Debian machine that has Rust and Node. Silent and quick when all is there.
#
#   scripts/setup.sh          what `make build` needs
#   scripts/setup.sh tests    the browser and its tests' packages, too
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }
die() { say "$@"; exit 1; }

command -v cargo >/dev/null || die "cargo is missing: install Rust 1.95 or later (rustup), then try again"
command -v npm >/dev/null || die "npm is missing: install Node.js 20 or later, then try again"

packages=()
need() { # COMMAND PACKAGE: installs PACKAGE if there is no COMMAND
  command -v "$1" >/dev/null || packages+=("$2")
}
need cc gcc
need c++ g++
need make make
need cmake cmake # libopus is built from source
need pkg-config pkg-config
[ -e /usr/include/openssl/ssl.h ] || packages+=(libssl-dev) # DTLS
[ -e /usr/include/alsa/asoundlib.h ] || packages+=(libasound2-dev) # the softphone's devices
if [ "${1:-}" = tests ]; then
  need chromium chromium
  need sipp sip-tester # calls from a telephone network
  need tmux tmux # a terminal for the softphone
  need pebble pebble # an authority for certificates, as Let's Encrypt is one
  need openssl openssl
  need unshare util-linux # small disks of tests' own
  # Its programs are in no path. The tests start servers of their own, as a user without rights.
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || packages+=(postgresql)
  # An environment for tools: cargo-deny, which takes ten minutes to compile.
  python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
fi

if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || die "missing: ${packages[*]} (names in Debian); install them, then try again"
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing: ${packages[*]}; as root: apt-get install ${packages[*]}"
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)
  fi
  install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 install -y --no-install-recommends)
  log=$(mktemp)
  say "installing ${packages[*]}"
  if ! "${install[@]}" "${packages[@]}" </dev/null >"$log" 2>&1; then
    # Most often the package lists are old or not there yet.
    "${as_root[@]}" apt-get -qq update </dev/null >>"$log" 2>&1 || true
    if ! "${install[@]}" "${packages[@]}" </dev/null >>"$log" 2>&1; then
      cat "$log" >&2
      die "could not install ${packages[*]}: see above"
    fi
  fi
  rm -f "$log"
fi

tools() { # what scripts/tools.txt lists, in target/tools, if that is newer than what is installed
  local done=target/tools/.installed
  [ scripts/tools.txt -nt "$done" ] || return 0
  say "tools of scripts/tools.txt"
  python3 -m venv target/tools
  target/tools/bin/pip --quiet --disable-pip-version-check install --require-hashes -r scripts/tools.txt </dev/null >&2
  touch "$done"
}

npm_packages() { # FOLDER: installs what its lock file says, if that is newer than what is installed
  local lock="$1/package-lock.json" installed="$1/node_modules/.package-lock.json"
  [ ! -f "$installed" ] || [ "$lock" -nt "$installed" ] || return 0
  say "npm packages of $1"
  # The browser is Debian's: nothing else is to be downloaded.
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$1" --no-audit --no-fund --loglevel=error </dev/null >&2
}
npm_packages supervisor-ui
if [ "${1:-}" = tests ]; then
  npm_packages tests/browser
  command -v cargo-deny >/dev/null || tools
fi
