# Sourced by script/demo and script/bench: runs the action as GitHub's runner does.
# shellcheck shell=bash

# run_action FOLDER WORKSPACE [INPUT=VALUE...]: main of action.yml, then post with the state that main saved,
# each with the runner's variables and files and nothing else. What they write for the runner is in FOLDER
# afterwards: outputs, state, summary.md; RUNNER_TEMP is FOLDER/temp. The array `github`, where there is one, has
# further variables: GITHUB_REF=refs/tags/v1 … Returns main's exit code.
run_action() {
  local folder="$1" workspace="$2" input name code=0
  shift 2
  mkdir -p "$folder/temp"
  for name in outputs state summary.md; do : >"$folder/$name"; done
  local runner=(
    "PATH=$PATH" "HOME=$HOME" CI=true GITHUB_ACTIONS=true
    "GITHUB_WORKSPACE=$workspace" "RUNNER_TEMP=$folder/temp"
    "GITHUB_OUTPUT=$folder/outputs" "GITHUB_STATE=$folder/state" "GITHUB_STEP_SUMMARY=$folder/summary.md"
  )
  for name in DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG \
    AWS_ENDPOINT_URL AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
    [ -z "${!name:-}" ] || runner+=("$name=${!name}")
  done
  runner+=(${github[@]+"${github[@]}"})
  local inputs=()
  for input in "$@"; do
    name="$(printf '%s' "${input%%=*}" | tr '[:lower:]' '[:upper:]')"
    inputs+=("INPUT_$name=${input#*=}")
  done
  (cd "$workspace" && exec env -i "${runner[@]}" ${inputs[@]+"${inputs[@]}"} node "$ROOT/$(program main)") || code=$?

  local state=() line
  while IFS= read -r line; do state+=("$line"); done < <(state_variables "$folder/state")
  (cd "$workspace" && exec env -i "${runner[@]}" ${inputs[@]+"${inputs[@]}"} ${state[@]+"${state[@]}"} node "$ROOT/$(program post)") ||
    warn "post ended with exit code $?"
  return "$code"
}

# program main|post: what action.yml names.
program() {
  sed -n "s/^  $1: *//p" "$ROOT/action.yml"
}

# state_variables FILE: STATE_name=value of each entry of the form name<<DELIMITER, value, DELIMITER.
state_variables() {
  awk '
    !end { at = index($0, "<<"); name = substr($0, 1, at - 1); end = substr($0, at + 2); value = ""; next }
    $0 == end { print "STATE_" name "=" value; end = ""; next }
    { value = value (value == "" ? "" : " ") $0 }' "$1"
}

# output FOLDER NAME: an output that main set, of one line.
output() {
  awk -v name="$2" '
    end && $0 == end { end = ""; if (wanted) found = value; next }
    end { value = $0; next }
    { at = index($0, "<<"); wanted = substr($0, 1, at - 1) == name; end = substr($0, at + 2) }
    END { print found }' "$1/outputs"
}
