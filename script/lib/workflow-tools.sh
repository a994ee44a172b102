# Sourced by script/bootstrap: what checks and runs the workflows. A program that the machine has in this version is
# left alone; otherwise it goes to .tools.
# shellcheck shell=bash

ACT_VERSION=0.2.89
ACTIONLINT_VERSION=1.7.12
ZIZMOR_VERSION=1.32.0

# actionlint and zizmor, which check the workflows.
ensure_workflow_linters() {
  ensure_go_program actionlint "$ACTIONLINT_VERSION" github.com/rhysd/actionlint/cmd/actionlint 'about half a minute'
  if has_version zizmor "$ZIZMOR_VERSION"; then
    return 0
  fi
  echo "zizmor==$ZIZMOR_VERSION" >"$TOOLS/zizmor.txt"
  ensure_python zizmor "$TOOLS/zizmor.txt" "zizmor $ZIZMOR_VERSION" 'a few seconds'
  mkdir -p "$TOOLS/bin"
  ln -sf ../zizmor/bin/zizmor "$TOOLS/bin/zizmor"
}

# act, which runs the workflows as GitHub's runner would.
ensure_act() {
  ensure_go_program act "$ACT_VERSION" github.com/nektos/act 'about two minutes'
}

# ensure_go_program NAME VERSION PACKAGE TIME: in .tools/bin, built with Go.
ensure_go_program() {
  local name="$1" version="$2" package="$3" started=$SECONDS
  if has_version "$name" "$version"; then
    return 0
  fi
  command -v go >/dev/null || die "neither $name $version nor Go to build it with is here. Please install Go (https://go.dev/doc/install) or $name."
  step "Building $name $version with Go ($4, once)"
  mkdir -p "$TOOLS/bin"
  quietly "$TOOLS/log/$name.log" env "GOBIN=$TOOLS/bin" go install -trimpath -ldflags "-s -w -X main.version=$version" \
    "$package@v$version"
  has_version "$name" "$version" || die "$name was built, but does not say that it is version $version (log: $TOOLS/log/$name.log)"
  note "$name built in $((SECONDS - started)) s"
}

# has_version NAME VERSION: whether the program on PATH says that it is this one.
has_version() {
  "$1" --version 2>/dev/null | grep -qwF -e "$2" -e "v$2"
}
