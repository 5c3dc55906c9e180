#!/bin/sh
# The whole test suite: style, types, import rules, lock files, shell scripts, then pytest.
#
#   deploy/test.sh [--nothing-skipped] [pytest's arguments…]
#
# What needs root, LXD or Chromium runs where it can and is named as skipped where it cannot; with --nothing-skipped,
# or CI=true, a skip is a failure.
set -eu

# shellcheck source=deploy/environment.sh
. "$(dirname "$0")/environment.sh"

if [ "${1:-}" = --nothing-skipped ]; then
    shift
    nothing_skipped=yes
elif [ "${CI:-}" = true ]; then
    nothing_skipped=yes
else
    nothing_skipped=no
fi

failed=
check() {
    name=$1
    shift
    echo
    echo "== $name"
    "$@" || failed="$failed, $name"
}

# As many files at a time as there are cores, up to four. Each worker has a real LXD of its own.
set -- --numprocesses=auto --maxprocesses=4 --dist=loadfile "$@"

environment requirements-dev.lock
cd "$root"
PATH=$venv/bin:$PATH
export PATH

check "ruff" ruff check .
check "ruff format" ruff format --check .
check "types (mypy)" mypy
check "import rules" lint-imports
check "shell scripts" shellcheck deploy/*.sh deploy/*/*.sh .ci/run
check "lock files" deploy/lock.sh --check
if [ "$nothing_skipped" = yes ]; then
    JUNZI_NO_SKIP=1 # a fixture that can't have LXD then fails at once, with the reason
    export JUNZI_NO_SKIP
    check "pytest, nothing skipped" python -m pytest -p tests.nothing_skipped "$@"
else
    check "pytest" python -m pytest "$@"
fi

if [ -n "$failed" ]; then
    echo "junzi: failed: ${failed#, }" >&2
    exit 1
fi
