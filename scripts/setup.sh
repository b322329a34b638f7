#!/bin/sh
# Makes sure that bubblewrap, the Linux sandbox, is there; with the argument `container`, podman and a runtime for it instead;
# with `migrations`, the programs of a PostgreSQL server to try migrations on, without a server of the machine's own.
# Installs where that needs no question; otherwise says the one command. Safe to run again and again.
set -eu

before=true
if [ "${1:-}" = container ]; then
  what=podman
  packages='podman runc uidmap'
  there() { command -v podman >/dev/null 2>&1 && { command -v runc || command -v crun; } >/dev/null 2>&1; }
  otherwise='There is no sandbox of containers without it; bubblewrap is the default.'
elif [ "${1:-}" = migrations ]; then
  what=PostgreSQL
  packages='postgresql postgresql-client'
  # Else the package makes a cluster of its own and starts it. Somebody's settings stay as they are.
  before='[ -e /etc/postgresql-common/createcluster.conf ] || { mkdir -p /etc/postgresql-common && echo create_main_cluster = false >/etc/postgresql-common/createcluster.conf; }'
  # Debian keeps server programs off the path, one directory a version.
  there() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
  otherwise='Without it migrations for PostgreSQL are not tried, and wait for a person.'
else
  what=bubblewrap
  packages=bubblewrap
  there() { command -v bwrap >/dev/null 2>&1; }
  otherwise='Or ask for no confinement by name: loopwright run --sandbox none'
fi

if there; then
  exit 0
fi

if [ "$(uname -s)" != Linux ]; then
  echo "loopwright confines agents with $what, which needs Linux. There is no sandbox for $(uname -s) yet." >&2
  echo "Next: use a Linux machine. $otherwise" >&2
  exit 20
fi

if command -v apt-get >/dev/null 2>&1; then
  command="apt-get install -y --no-install-recommends $packages"
  if [ "$(id -u)" = 0 ]; then
    as=''
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as='sudo -n'
  else
    echo "loopwright needs $what, and this user may not install it." >&2
    echo "Next: sudo $command" >&2
    exit 20
  fi
  echo "Installing $what ..." >&2
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # shellcheck disable=SC2086
  if $as apt-get update -qq >"$log" 2>&1 && $as sh -c "$before" &&
    $as env DEBIAN_FRONTEND=noninteractive $command -qq -o Dpkg::Options::=--force-confold >>"$log" 2>&1; then
    exit 0
  fi
  tail -n 20 "$log" >&2
  echo "Installing $what failed; the end of the log is above." >&2
  echo "Next: sudo $command" >&2
  exit 20
fi

echo "loopwright needs $what, and this machine has no apt-get." >&2
echo "Next: install the package $what with your package manager (dnf, pacman, apk, zypper)." >&2
exit 20
