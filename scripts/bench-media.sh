#!/usr/bin/env bash
# What a call costs the server on this machine.
#
#   scripts/bench-media.sh [OPTIONS]        plain, listened to, whispered into, barged into × mixed, tracks
#   scripts/bench-media.sh peers [OPTIONS]  beside rtpengine and Janus, which it installs
set -euo pipefail
cd "$(dirname "$0")/.."
say() { echo "bench-media: $*" >&2; }

if [ "${1:-}" = peers ]; then
  shift
  program=peers
  missing=()
  command -v rtpengine >/dev/null || missing+=(rtpengine-daemon)
  command -v janus >/dev/null || missing+=(janus)
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]}"
    apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
      { say "could not install ${missing[*]}; as root: apt-get update && apt-get install ${missing[*]}"; exit 1; }
  fi
else
  program=costs
fi
cargo build --release --locked -q -p media-server -p loadtest
PYTHONDONTWRITEBYTECODE=1 exec python3 benches/media/$program.py "$@"
