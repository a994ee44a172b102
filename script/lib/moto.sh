# Sourced by script/bootstrap: Python programs of the tests and of local AWS, each set in an environment of its own.
# shellcheck shell=bash

# Moto's server, boto3 and the AWS CLI.
ensure_moto() {
  ensure_python moto "$ROOT/test/local-aws/requirements.txt" 'moto, boto3 and the AWS CLI' 'about a minute'
}

# The SageMaker Python SDK: a client of local AWS that nobody here wrote.
ensure_sagemaker_sdk() {
  ensure_python sagemaker-sdk "$ROOT/test/local-aws/sagemaker/requirements.txt" 'the SageMaker Python SDK' \
    'about two minutes'
}

# ensure_python NAME REQUIREMENTS WHAT TIME: the packages of a requirements file in .tools/NAME.
ensure_python() {
  local environment="$TOOLS/$1" requirements="$2" stamp="$TOOLS/$1/installed" started=$SECONDS
  if cmp -s "$requirements" "$stamp" && "$environment/bin/python" -c '' 2>/dev/null; then
    return 0
  fi
  # Debian has ensurepip, without which an environment has no pip, in a package of its own.
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install_packages 'Python with venv' python3 python3-venv
  fi
  step "Installing $3 with pip ($4, once)"
  rm -rf "$environment"
  quietly "$TOOLS/log/$1-venv.log" python3 -m venv "$environment"
  quietly "$TOOLS/log/$1-pip.log" "$environment/bin/python" -m pip install --disable-pip-version-check \
    --requirement "$requirements"
  cp "$requirements" "$stamp"
  note "installed in $((SECONDS - started)) s"
}
