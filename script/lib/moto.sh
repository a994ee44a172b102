# Sourced by script/bootstrap: moto's server, boto3 and the AWS CLI, in a Python environment of their own.
# shellcheck shell=bash

MOTO_REQUIREMENTS="$ROOT/test/local-aws/requirements.txt"

ensure_moto() {
  local stamp="$TOOLS/moto/installed" started=$SECONDS
  if cmp -s "$MOTO_REQUIREMENTS" "$stamp" && "$TOOLS/moto/bin/python" -c '' 2>/dev/null; then
    return 0
  fi
  # Debian has ensurepip, without which an environment has no pip, in a package of its own.
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install_packages 'Python with venv, for local AWS' python3 python3-venv
  fi
  step 'Installing moto, boto3 and the AWS CLI with pip (about a minute, once)'
  rm -rf "$TOOLS/moto"
  quietly "$TOOLS/log/moto-venv.log" python3 -m venv "$TOOLS/moto"
  quietly "$TOOLS/log/moto-pip.log" "$TOOLS/moto/bin/python" -m pip install --disable-pip-version-check \
    --requirement "$MOTO_REQUIREMENTS"
  cp "$MOTO_REQUIREMENTS" "$stamp"
  note "installed in $((SECONDS - started)) s"
}
