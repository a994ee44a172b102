# Sourced by script/bootstrap: the base images of test/base-images/list, pulled, or, where no
# registry can be reached, built from Debian packages under the same name.
# shellcheck shell=bash

RECIPES="$ROOT/test/base-images"
STAND_IN_LABEL=sagemaker-byoc.stand-in
STAND_IN_SUITE=bookworm

ensure_base_images() {
  local missing image
  missing="$(missing_images)"
  if [ -z "$missing" ]; then
    return 0
  fi
  step "Base images: $(echo "$missing" | tr '\n' ' ')"
  if registry_answers; then
    for image in $missing; do
      pull_image "$image" || true
    done
    missing="$(missing_images)"
  else
    note "no container registry can be reached: stand-ins are built from Debian packages (about a minute, once)"
  fi
  if [ -n "$missing" ]; then
    build_stand_ins "$missing"
  fi
}

listed_images() { awk '!/^#/ && NF { print $1 }' "$RECIPES/list"; }

# An image is missing when it is not here, or is a stand-in made from an older recipe or for other
# mirrors and certificates than this machine's.
missing_images() {
  local wanted have image
  wanted="$(stand_in_version)"
  for image in $(listed_images); do
    have="$(docker image inspect --format "found {{index .Config.Labels \"$STAND_IN_LABEL\"}}" "$image" 2>/dev/null || true)"
    case "$have" in
      'found ' | "found $wanted") ;;
      *) echo "$image" ;;
    esac
  done
}

# Answered from outside the engine, so that a closed network costs seconds once, not minutes an image.
registry_answers() {
  if [ "$(docker info --format '{{len .RegistryConfig.Mirrors}}' 2>/dev/null)" != 0 ]; then
    return 0
  fi
  command -v curl >/dev/null || return 1
  curl --silent --output /dev/null --connect-timeout 4 --max-time 8 https://registry-1.docker.io/v2/
}

pull_image() {
  note "pulling $1 (up to 5 minutes)"
  quietly "$TOOLS/log/pull.log" timeout 300 docker pull "$1"
}

# build_stand_ins MISSING: every stand-in on the way to the missing images, in the list's order.
build_stand_ins() {
  local work="$TOOLS/base-images" version image recipe built='' started=$SECONDS
  command -v mmdebstrap >/dev/null || install_packages 'mmdebstrap, to build base images from' mmdebstrap
  rm -rf "$work"
  mkdir -p "$work/host"
  version="$(stand_in_version)"

  note "Debian $STAND_IN_SUITE from packages (about 25 s)"
  apt_sources >"$work/sources.list"
  if [ ! -s "$work/sources.list" ] && can_be_root; then
    as_root apt-get update >/dev/null 2>&1 || true
    apt_sources >"$work/sources.list"
  fi
  [ -s "$work/sources.list" ] || die "the base images cannot be had: no registry can be reached, and this machine's apt sources name no Debian mirror"
  apt_settings >"$work/apt.conf"
  quietly "$TOOLS/log/mmdebstrap.log" as_root mmdebstrap --variant=minbase --include=ca-certificates,tzdata \
    --aptopt="$work/apt.conf" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
    "$STAND_IN_SUITE" "$work/rootfs.tar" "$work/sources.list"
  quietly "$TOOLS/log/import.log" docker import "$work/rootfs.tar" sagemaker-byoc-stand-in/rootfs

  host_certificates "$work/rootfs.tar" "$work/host/usr/local/share/ca-certificates"
  pip_settings >"$work/pip.conf"
  install -D -m 644 "$work/pip.conf" "$work/host/etc/pip.conf"
  as_root rm -f "$work/rootfs.tar"

  for image in $(listed_images); do
    recipe="$(awk -v image="$image" '$1 == image { print $2 }' "$RECIPES/list")"
    case " $built " in
      *" $recipe "*) ;;
      *)
        note "stand-in: $recipe"
        quietly "$TOOLS/log/stand-in-$recipe.log" docker build --label "$STAND_IN_LABEL=$version" \
          --tag "sagemaker-byoc-stand-in/$recipe" --file "$RECIPES/$recipe.Dockerfile" "$work"
        built="$built $recipe"
        ;;
    esac
    # A real image that is already here is left alone.
    if echo "$1" | grep -qxF "$image"; then
      docker tag "sagemaker-byoc-stand-in/$recipe" "$image"
    fi
  done
  rm -rf "$work"
  note "stand-ins built in $((SECONDS - started)) s; to try for the real ones again: docker rmi IMAGE"
}

# What a stand-in is made of, as one number: recipes, and this machine's ways to its mirrors.
stand_in_version() {
  {
    cat "$RECIPES"/*.Dockerfile "${BASH_SOURCE[0]}"
    # As files: apt itself names its sources only after an update.
    cat /etc/ssl/certs/ca-certificates.crt /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true
    apt_settings
    pip_settings
  } | sha256sum | cut -c 1-16
}

# The Debian mirrors that this machine's apt uses, as a sources.list for the stand-in's release.
apt_sources() {
  command -v apt-get >/dev/null || return 0
  local codename
  codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
  # shellcheck disable=SC2016 # the $(...) are apt's own
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v host="$codename" -v suite="$STAND_IN_SUITE" '
      $1 ~ /debian/ && index($2, host) == 1 {
        release = suite substr($2, length(host) + 1)
        if (!seen[$1 release $3]++) print "deb", $1, release, $3
      }'
}

# How this machine's apt gets there: proxies, and checks that are switched off.
apt_settings() {
  command -v apt-config >/dev/null || return 0
  apt-config dump --format '%F "%v";%n' 2>/dev/null |
    grep -E '^Acquire::((http|https)::(Proxy|Verify-Peer|Verify-Host|Timeout)|Check-Valid-Until|Check-Date|Retries)\b' |
    grep -v ' "";$' || true
}

# How this machine's pip gets to its package index; only that, from its settings files and environment.
pip_settings() {
  local name key set=''
  echo '[global]'
  if [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    echo 'cert = /etc/ssl/certs/ca-certificates.crt'
  fi
  for name in INDEX_URL EXTRA_INDEX_URL TRUSTED_HOST PROXY; do
    key="PIP_$name"
    if [ -n "${!key:-}" ]; then
      key="$(echo "$name" | tr 'A-Z_' 'a-z-')"
      name="PIP_$name"
      echo "$key = ${!name}"
      set="$set $key"
    fi
  done
  cat "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$HOME/.pip/pip.conf" /etc/pip.conf 2>/dev/null |
    awk -v set="$set" '
      BEGIN { n = split(set, names, " "); for (i = 1; i <= n; i++) seen[names[i]] = 1 }
      /^[^[:space:]#;]/ {
        key = $0; sub(/[[:space:]]*=.*/, "", key); gsub(/_/, "-", key)
        kept = key ~ /^(index-url|extra-index-url|trusted-host|proxy)$/ && !seen[key]++
        if (kept) print
        next
      }
      kept && /^[[:space:]]+[^[:space:]]/ { print }' || true
}

# host_certificates ROOTFS FOLDER: each certificate that this machine trusts and Debian's package does not have.
host_certificates() {
  mkdir -p "$2"
  [ -r /etc/ssl/certs/ca-certificates.crt ] || return 0
  tar -xOf "$1" ./etc/ssl/certs/ca-certificates.crt |
    awk -v folder="$2" '
      FNR == 1 { file++ }
      /BEGIN CERTIFICATE/ { body = ""; inside = 1 }
      inside { body = body $0 "\n" }
      /END CERTIFICATE/ {
        inside = 0
        if (file == 2 && !(body in known)) {
          name = folder "/host-" ++n ".crt"
          printf "%s", body >name
          close(name)
        }
        known[body] = 1
      }' - /etc/ssl/certs/ca-certificates.crt
}
