# Sourced by script/bootstrap: a Docker engine that answers, and buildx.
# shellcheck shell=bash

BUILDX_VERSION=v0.29.1

ensure_docker() {
  if docker info >/dev/null 2>&1; then
    return 0
  fi
  if ! command -v dockerd >/dev/null; then
    install_packages 'a Docker engine (about 15 s)' docker.io
  fi
  # Newer Debian releases have the client in a package of its own.
  if ! command -v docker >/dev/null; then
    install_packages 'the Docker client' docker-cli
  fi
  if [ -d /run/systemd/system ]; then
    as_root systemctl start docker || true
  fi
  if ! docker info >/dev/null 2>&1; then
    start_dockerd
  fi
}

# install_packages WHAT PACKAGE...: on Debian and Ubuntu, as root; elsewhere says what is missing.
install_packages() {
  local what="$1"
  shift
  if ! command -v apt-get >/dev/null; then
    die "needed here: $what. This script can install it on Debian and Ubuntu only; please install it and run this again."
  fi
  if ! can_be_root; then
    die "needed here: $what. Please run as root: apt-get install $*"
  fi
  step "Installing with apt-get: $what"
  quietly "$TOOLS/log/apt-update.log" as_root apt-get update
  quietly "$TOOLS/log/apt-install.log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

start_dockerd() {
  local log="$TOOLS/dockerd.log" pid_file="$TOOLS/dockerd.pid" waited=0
  if ! can_be_root || as_root docker info >/dev/null 2>&1; then
    die "the Docker engine does not answer (docker info). Please start it, or let this user use it (group docker)."
  fi
  step "Starting the Docker engine (log: ${log#"$ROOT"/})"
  mkdir -p "$TOOLS"
  # A session of its own and no open file of ours, above all not the lock: it goes on when this shell has ended.
  # Closed for the whole subshell: for one command, bash would keep a copy to put it back.
  # shellcheck disable=SC2024 # the log is this user's file on purpose
  (exec 9>&- && cd / && as_root setsid nohup dockerd --pidfile /var/run/docker.pid >"$log" 2>&1 </dev/null &)
  until docker info >/dev/null 2>&1; do
    waited=$((waited + 1))
    if [ "$waited" -gt 240 ]; then
      tail -n 20 "$log" >&2
      die "the Docker engine did not answer within 60 s; its log: $log"
    fi
    sleep 0.25
  done
  as_root cat /var/run/docker.pid >"$pid_file"
  note "Docker engine $(docker version --format '{{.Server.Version}}') runs, process $(cat "$pid_file")"
}

ensure_buildx() {
  local plugin="${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins/docker-buildx" module source started=$SECONDS
  if docker buildx version >/dev/null 2>&1; then
    return 0
  fi
  if ! command -v go >/dev/null; then
    warn "docker buildx is missing, and so is Go to build it with: plain 'docker build' will be used"
    return 0
  fi
  step "Building docker buildx $BUILDX_VERSION with Go (2 to 3 minutes, once)"
  # 'go install' refuses modules with replace lines, so the module's folder is built in a copy.
  module="$(go mod download -json "github.com/docker/buildx@$BUILDX_VERSION" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')"
  [ -d "$module" ] || {
    warn "docker buildx could not be downloaded: plain 'docker build' will be used"
    return 0
  }
  source="$(mktemp -d)"
  cp -R "$module/." "$source"
  chmod -R u+w "$source"
  mkdir -p "$(dirname "$plugin")"
  if (cd "$source" && quietly "$TOOLS/log/buildx.log" go build -mod=mod -trimpath \
    -ldflags "-s -w -X github.com/docker/buildx/version.Version=$BUILDX_VERSION" \
    -o "$plugin" ./cmd/buildx); then
    note "docker buildx $BUILDX_VERSION built in $((SECONDS - started)) s"
  else
    warn "docker buildx was not built: plain 'docker build' will be used"
  fi
  rm -rf "$source"
}
