# shellcheck shell=sh
# Makes the virtual environment that demo.sh and test.sh run in: beside the checkout, from a lock file with hashes.
#
# To be sourced; then `environment requirements.lock` sets $venv. A second time it costs a few milliseconds: what was
# installed is remembered by a checksum. Debian and Ubuntu refuse `pip install` outside such an environment, and leave
# out ensurepip (python3-venv): then uv, virtualenv or the system's pip does, whichever is there.

root=$(cd "$(dirname "$0")/.." && pwd)
venv=${JUNZI_VENV:-$root/.venv}

fail() {
    echo "junzi: $*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

environment() {
    lock=$1
    find_python
    wanted=$(fingerprint)
    stamp=$venv/installed.$lock
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    if ! "$venv/bin/python" -c "" 2>/dev/null; then
        maker=$(find_maker)
        echo "Making an environment in $venv (this once; half a minute or so) ..." >&2
        make_venv "$maker"
    fi
    rm -f "$stamp"
    install --require-hashes -r "$root/$lock" || fail "the packages could not be installed (see above); is there a network, and if your lab has a mirror of PyPI, does pip's configuration name it?"
    install --no-deps --no-build-isolation --editable "$root" || fail "junzi itself could not be installed (see above)"
    echo "$wanted" >"$stamp"
}

find_python() {
    python=${PYTHON:-python3}
    have "$python" || fail "python3 is missing; install it with: sudo apt install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "Python 3.10 or newer is needed, and $python is $("$python" --version 2>&1); name another one with PYTHON=/path/to/python3.12"
}

# Of everything that the environment depends on, where it lies included: scripts in it name their folder.
fingerprint() {
    {
        "$python" --version
        echo "$root $venv"
        cat "$root/$lock" "$root/pyproject.toml"
    } 2>&1 | cksum
}

# What can make an environment here; one line and the end if nothing can.
find_maker() {
    if "$python" -c "import ensurepip, venv" 2>/dev/null; then
        echo venv
    elif have uv; then
        echo uv
    elif "$python" -c "import virtualenv" 2>/dev/null; then
        echo virtualenv
    elif "$python" -c "import pip, venv" 2>/dev/null; then
        echo venv-without-pip
    else
        fail "python3-venv is missing; install it with: sudo apt install python3-venv"
    fi
}

make_venv() {
    case $1 in
    venv) "$python" -m venv --clear "$venv" ;;
    uv) uv venv --quiet --clear --python "$python" "$venv" ;;
    virtualenv) "$python" -m virtualenv --quiet --clear "$venv" ;;
    venv-without-pip) "$python" -m venv --clear --without-pip "$venv" ;;
    esac || fail "no environment could be made in $venv (see above); name another folder with JUNZI_VENV=/some/folder"
}

# install [pip's arguments…]
install() {
    if "$venv/bin/python" -c "import pip" 2>/dev/null; then
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
    elif have uv; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
    else
        # The system's pip, run by the environment's Python. It sees the system's packages too, and must not take
        # them for installed here.
        pip=$("$python" -c 'import os, pip; print(os.path.dirname(pip.__file__))')
        "$venv/bin/python" "$pip" install --quiet --disable-pip-version-check --no-input --ignore-installed "$@"
    fi
}
