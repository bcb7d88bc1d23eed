#!/usr/bin/env bash
# Builds the pages to supervisor-ui/dist, from where the server embeds them. Does nothing when they are up to date.
set -euo pipefail
cd "$(dirname "$0")/../supervisor-ui"

built=dist/index.html
if [ -f "$built" ]; then
  changed=$(find . \( -path ./node_modules -o -path ./dist \) -prune -o -type f -newer "$built" -print -quit)
  [ -n "$changed" ] || exit 0
fi
npm run build --silent
touch "$built"
