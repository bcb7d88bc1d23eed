#!/usr/bin/env bash
# SIP user agents and a proxy that others have made against a server: installs them from Debian and PyPI, then
# tests/interop/sip/run.py.
#
#   scripts/interop-sip.sh [NAME…]    all, or these (baresip, phone, …); writes the table into target/interop/sip-table.md
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$PWD/target/interop
mkdir -p "$cache"
say() { echo "interop: $*" >&2; }

packages=()
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || packages+=("$2")
}
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
need baresip baresip-core
need linphonec linphone-cli
need kamailio kamailio
if [ ${#packages[@]} -gt 0 ]; then
  as_root=(); [ "$(id -u)" = 0 ] || as_root=(sudo)
  say "installing ${packages[*]}"
  # Kamailio is run by the test alone: nothing is to be started.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends \
    "${packages[@]}" </dev/null >"$cache/apt-sip.log" 2>&1 || { cat "$cache/apt-sip.log" >&2; exit 1; }
fi

wanted=tests/interop/sip/requirements.txt
if [ ! -e "$cache/venv-sip/done" ] || [ "$wanted" -nt "$cache/venv-sip/done" ]; then
  say "Python packages"
  python3 -m venv "$cache/venv-sip"
  "$cache/venv-sip/bin/pip" install -q -r "$wanted"
  touch "$cache/venv-sip/done"
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
exec "$cache/venv-sip/bin/python" tests/interop/sip/run.py --server "$server" --table "$cache/sip-table.md" "$@"
