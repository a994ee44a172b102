# Sourced by the other scripts: says where the repository is, puts the Node.js that
# script/bootstrap installed (if it had to) first on PATH, and gives the words to talk with.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
TOOLS="$ROOT/.tools"
NODE_MAJOR=24
export ROOT TOOLS NODE_MAJOR
mkdir -p "$TOOLS/log"

if [ -x "$TOOLS/node/bin/node" ]; then
  case ":$PATH:" in
    *":$TOOLS/node/bin:"*) ;;
    *) PATH="$TOOLS/node/bin:$PATH" ;;
  esac
fi
# Programs that script/bootstrap built.
case ":$PATH:" in
  *":$TOOLS/bin:"*) ;;
  *) PATH="$TOOLS/bin:$PATH" ;;
esac
# dockerd, iptables and mmdebstrap's helpers live where a plain user's PATH does not look.
case ":$PATH:" in
  *":/usr/sbin:"*) ;;
  *) PATH="$PATH:/usr/sbin:/sbin" ;;
esac
export PATH

# step: what is being done now.  note: what was found.  warn: goes on, but look.  die: cannot go on.
step() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_root COMMAND...: runs it as root; fails when this user cannot become root without a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# quietly LOG COMMAND...: output goes to LOG and is shown (its beginning and end) only when
# the command fails.
quietly() {
  local log="$1"
  shift
  if ! "$@" >"$log" 2>&1; then
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) if (i <= 15 || i > NR - 30) print line[i] }' "$log" >&2
    warn "failed: $* (all of its output: $log)"
    return 1
  fi
}
