#!/usr/bin/env bash
# How calls sound, as PESQ-WB on recorded human speech, and what it costs. Everything it needs comes into target/quality:
# Debian's prompts for telephone systems (G.722, as a package that is unpacked and not installed) and PESQ from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/target/quality
mkdir -p "$work"
say() { echo "quality: $*" >&2; }

if [ ! -e "$work/venv/done" ]; then
  say "PESQ"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r scripts/quality-requirements.txt
  touch "$work/venv/done"
fi
if [ ! -e "$work/sounds/done" ]; then
  say "recorded prompts"
  (cd "$work" && apt-get -qq download asterisk-core-sounds-en-g722 2>/dev/null && dpkg -x asterisk-core-sounds-en-g722_*.deb sounds)
  touch "$work/sounds/done"
fi
cargo run --locked -q ${QUALITY_PROFILE---release} -p sim --example quality -- "$work/sounds" "$work/pairs"
exec "$work/venv/bin/python" scripts/quality.py "$work/pairs"
