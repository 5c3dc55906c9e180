#!/bin/sh
# Writes the lock files anew from pyproject.toml, keeping the versions that still fit; --upgrade takes the newest.
# With --check it only says whether they are in step.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

find_uv() {
    for candidate in "${JUNZI_VENV:-$root/.venv}/bin/uv" uv; do
        if command -v "$candidate"; then
            return
        fi
    done
    echo "junzi: uv is missing; deploy/test.sh puts one into .venv" >&2
    exit 2
}

# compile FILE GROUP [uv's options…]
compile() {
    file=$1 group=$2
    shift 2
    # --no-config: settings of this machine stay out, the same file must come out everywhere.
    "$uv" pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
        --custom-compile-command deploy/lock.sh --group "pyproject.toml:$group" pyproject.toml \
        --output-file "$file" "$@" >/dev/null
}

# The development lock is held to the versions of the runtime one: both go into one virtual environment.
compile_both() {
    compile requirements.lock build "$@"
    compile requirements-dev.lock dev --constraints requirements.lock "$@"
}

# Only versions and markers count: somebody may add a wheel to an old release any day.
without_hashes() {
    sed -e '/--hash=/d' -e 's/ \\$//' "$1"
}

# As pip does: behind a proxy that opens TLS, the authority to trust is the system's.
UV_SYSTEM_CERTS=true
export UV_SYSTEM_CERTS

uv=$(find_uv)
cd "$root"
if [ "${1:-}" != --check ]; then
    compile_both "$@"
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp pyproject.toml requirements.lock requirements-dev.lock "$work"
cd "$work"
compile_both
for file in requirements.lock requirements-dev.lock; do
    without_hashes "$root/$file" >have
    without_hashes "$file" >want
    if ! diff -u have want >&2; then
        echo "junzi: $file is out of step with pyproject.toml: run deploy/lock.sh and commit what it writes" >&2
        exit 1
    fi
done
