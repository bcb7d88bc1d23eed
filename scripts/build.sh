#!/usr/bin/env bash
# Builds target/release/media-server with the pages inside.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/pages.sh
cargo build --release --locked -p media-server
