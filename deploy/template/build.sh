#!/bin/sh
# Makes a template of a fresh Debian or Ubuntu container. Runs inside it, as root; may run again without harm.
#
#   lxc exec base -- env APT_MIRROR=... sh -s < deploy/template/build.sh
#
# or from the chat: /template build base. What it reads of the environment (junzi sends what [template] says):
#   APT_MIRROR       where Debian or Ubuntu packages come from; empty: where the image says
#   PIP_MIRROR       pip's index; empty: pip's own
#   CONDA_MIRROR     the channels' mirror; empty: conda's own
#   CONDA_INSTALLER  address of a Miniforge or Miniconda installer; empty: no conda
#   PACKAGES         more packages to install
set -eu

# Of an address without http:// apt says "Malformed entry", and then knows no packages at all.
is_address() {
    case "$2" in
        "" | http://* | https://*) ;;
        *) echo "$1=$2 must begin with http:// or https://, for example $1=https://$2" >&2; exit 1 ;;
    esac
}
is_address APT_MIRROR "${APT_MIRROR:-}"
is_address PIP_MIRROR "${PIP_MIRROR:-}"
is_address CONDA_INSTALLER "${CONDA_INSTALLER:-}"

[ "$(id -u)" = 0 ] || { echo "run it as root, inside the container" >&2; exit 1; }
# shellcheck source=/dev/null
. /etc/os-release
case "$ID" in
    debian | ubuntu) ;;
    *) echo "this is $ID; the script knows Debian and Ubuntu" >&2; exit 1 ;;
esac
export DEBIAN_FRONTEND=noninteractive

step() { echo "== $*"; }

LISTS="/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources /etc/apt/sources.list"

# A mirror that was mistyped would otherwise stay, also where the next run names none.
take_the_images_own_lists() {
    for list in $LISTS; do
        [ -e "$list.original" ] || continue
        rm -f /etc/apt/sources.list
        mv "$list.original" "$list"
    done
}

use_apt_mirror() {
    [ -n "${APT_MIRROR:-}" ] || return 0
    step "packages from $APT_MIRROR"
    if [ "$ID" = debian ]; then
        parts="main contrib non-free-firmware" security=http://deb.debian.org/debian-security
    else
        parts="main restricted universe multiverse" security=http://security.ubuntu.com/ubuntu
    fi
    for list in $LISTS; do
        if [ -e "$list" ]; then mv "$list" "$list.original"; fi
    done
    updates=$(grep -hs -- "^deb .* $VERSION_CODENAME-security " /etc/apt/sources.list.original || true)
    {
        echo "deb $APT_MIRROR $VERSION_CODENAME $parts"
        echo "deb $APT_MIRROR $VERSION_CODENAME-updates $parts"
        # Security updates don't wait for a mirror.
        echo "${updates:-deb $security $VERSION_CODENAME-security $parts}"
    } > /etc/apt/sources.list
}

install_packages() {
    step "tools: vim, git, wget, tmux, compilers, sshd"
    apt-get update -q
    # What guides and students type is `python`; Ubuntu 18.04 knows no such package.
    python=
    if apt-cache show python-is-python3 >/dev/null 2>&1; then python="python-is-python3"; fi
    # shellcheck disable=SC2086 # several packages in one variable, or none
    apt-get install -q -y --no-install-recommends \
        openssh-server sudo ca-certificates locales less vim git wget curl tmux htop unzip rsync \
        build-essential python3 python3-pip python3-venv $python ${PACKAGES:-}
    apt-get clean
}

allow_passwords() {
    step "SSH with passwords"
    mkdir -p /etc/ssh/sshd_config.d
    printf '# Members log in with the password that junzi gives them.\nPasswordAuthentication yes\n' \
        > /etc/ssh/sshd_config.d/00-junzi.conf
    grep -qs '^Include /etc/ssh/sshd_config.d' /etc/ssh/sshd_config \
        || sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' /etc/ssh/sshd_config
    # The port is open to whoever reaches the host: `passwd` would take "123456", which is guessed within the hour.
    sed -i '/pam_unix\.so/{/minlen=/!s/obscure/& minlen=10/}' /etc/pam.d/common-password
}

use_pip_mirror() {
    [ -n "${PIP_MIRROR:-}" ] || return 0
    step "pip from $PIP_MIRROR"
    printf '[global]\nindex-url = %s\n' "$PIP_MIRROR" > /etc/pip.conf
}

install_conda() {
    [ -n "${CONDA_INSTALLER:-}" ] || return 0
    if [ ! -x /opt/conda/bin/conda ]; then
        step "conda from $CONDA_INSTALLER"
        wget -nv -O /tmp/conda.sh "$CONDA_INSTALLER"
        sh /tmp/conda.sh -b -p /opt/conda
        rm -f /tmp/conda.sh
    fi
    ln -sf /opt/conda/etc/profile.d/conda.sh /etc/profile.d/conda.sh
    if [ -n "${CONDA_MIRROR:-}" ]; then
        printf 'channels:\n  - %s/conda-forge\nchannel_priority: strict\nshow_channel_urls: true\n' "$CONDA_MIRROR" \
            > /opt/conda/.condarc
    fi
}

write_message_of_the_day() {
    step "message of the day"
    cat > /etc/motd <<'MOTD'

  This container is yours; its graphics cards are everybody's.
  Book one in the chat first (/reserve gpu0 4h), then run on that one:
  这个容器归你，显卡是大家的：
  先在群里或私聊里预约（/reserve gpu0 4小时），再用约到的那张跑：

      CUDA_VISIBLE_DEVICES=0 python train.py

  Without CUDA_VISIBLE_DEVICES a run lands on card 0, where somebody else
  may be. /mine in the chat shows the line for yours.
  不写 CUDA_VISIBLE_DEVICES 就会跑到 0 号卡，那里可能有别人。
  你该用的那一行，在聊天里发 /mine 看。

MOTD
}

take_the_images_own_lists
use_apt_mirror
install_packages
allow_passwords
use_pip_mirror
install_conda
write_message_of_the_day
step "done"
