# What clients in the shell share. A step that fails ends the program; one that is done says so.
set -euo pipefail

ok() { echo "ok $1"; }

# refused PATTERN COMMAND…: the command fails, and what it prints says why.
refused() {
  local pattern=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "went through: $*" >&2
    return 1
  fi
  grep -Eq -- "$pattern" <<< "$said" || {
    echo "refused otherwise: $said" >&2
    return 1
  }
}
