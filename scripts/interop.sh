#!/usr/bin/env bash
# Real WebRTC stacks against a server: installs them from Debian, npm and PyPI, then tests/interop/run.py.
#
#   scripts/interop.sh --quick        those that need only npm, PyPI and the tests' browser
#   scripts/interop.sh [NAME…]        all, or these; writes the table into target/interop/table.md
set -euo pipefail
cd "$(dirname "$0")/.."
export INTEROP_CACHE=$PWD/target/interop
mkdir -p "$INTEROP_CACHE"
say() { echo "interop: $*" >&2; }

quick=; [ "${1:-}" != --quick ] || quick=yes
packages=()
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
command -v chromium >/dev/null || packages+=(chromium)
if [ -z "$quick" ]; then
  command -v firefox-esr >/dev/null || packages+=(firefox-esr)
  for package in gstreamer1.0-plugins-bad gstreamer1.0-plugins-good gstreamer1.0-plugins-base gstreamer1.0-nice \
    python3-gst-1.0 gir1.2-gst-plugins-bad-1.0 golang-go golang-github-pion-webrtc.v3-dev; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || packages+=("$package")
  done
fi
if [ ${#packages[@]} -gt 0 ]; then
  as_root=(); [ "$(id -u)" = 0 ] || as_root=(sudo)
  say "installing ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}" \
    </dev/null >"$INTEROP_CACHE/apt.log" 2>&1 || { cat "$INTEROP_CACHE/apt.log" >&2; exit 1; }
fi

if [ ! -e "$INTEROP_CACHE/venv/done" ] || [ tests/interop/requirements.txt -nt "$INTEROP_CACHE/venv/done" ]; then
  say "Python packages"
  python3 -m venv "$INTEROP_CACHE/venv"
  "$INTEROP_CACHE/venv/bin/pip" install -q -r tests/interop/requirements.txt
  touch "$INTEROP_CACHE/venv/done"
fi
if [ ! -e tests/interop/node_modules/.package-lock.json ] ||
  [ tests/interop/package-lock.json -nt tests/interop/node_modules/.package-lock.json ]; then
  say "npm packages"
  npm ci --prefix tests/interop --no-audit --no-fund --loglevel=error </dev/null >&2
fi
if [ -z "$quick" ]; then
  PION_VERSION=$(dpkg-query -W -f='${Version}' golang-github-pion-webrtc.v3-dev)
  export PION_VERSION
  GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$INTEROP_CACHE/go \
    go build -o "$INTEROP_CACHE/pion-peer" tests/interop/peers/pion.go
fi

# The newer of the two: an old build would be tried in the place of what stands in the tree.
server=${INTEROP_SERVER:-}
if [ -z "$server" ]; then
  for candidate in target/release/media-server target/debug/media-server; do
    if [ -x "$candidate" ] && [ "$candidate" -nt "$server" ]; then server=$candidate; fi
  done
fi
if [ -z "$server" ]; then
  cargo build --locked -p media-server
  server=target/debug/media-server
fi
arguments=(--server "$server")
if [ -n "$quick" ]; then
  arguments+=(--quick)
  shift
else
  arguments+=(--table "$INTEROP_CACHE/table.md")
fi
exec "$INTEROP_CACHE/venv/bin/python" tests/interop/run.py "${arguments[@]}" "$@"
