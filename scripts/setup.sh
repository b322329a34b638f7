#!/bin/sh
# Makes sure that bubblewrap, the Linux sandbox, is there. Installs it where that needs no question; otherwise says the
# one command. Safe to run again and again.
set -eu

if command -v bwrap >/dev/null 2>&1; then
  exit 0
fi

if [ "$(uname -s)" != Linux ]; then
  echo "loopwright confines agents with bubblewrap, which needs Linux. There is no sandbox for $(uname -s) yet." >&2
  echo "Next: use a Linux machine, or ask for no confinement by name: loopwright run --sandbox none" >&2
  exit 20
fi

if command -v apt-get >/dev/null 2>&1; then
  command='apt-get install -y --no-install-recommends bubblewrap'
  if [ "$(id -u)" = 0 ]; then
    as=''
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as='sudo -n'
  else
    echo "loopwright needs bubblewrap, and this user may not install it." >&2
    echo "Next: sudo $command" >&2
    exit 20
  fi
  echo "Installing bubblewrap (the sandbox) ..." >&2
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # shellcheck disable=SC2086
  if $as apt-get update -qq >"$log" 2>&1 && $as env DEBIAN_FRONTEND=noninteractive $command -qq >>"$log" 2>&1; then
    exit 0
  fi
  tail -n 20 "$log" >&2
  echo "Installing bubblewrap failed; the end of the log is above." >&2
  echo "Next: sudo $command" >&2
  exit 20
fi

echo "loopwright needs bubblewrap (the command bwrap), and this machine has no apt-get." >&2
echo "Next: install the package bubblewrap with your package manager (dnf, pacman, apk, zypper)." >&2
exit 20
