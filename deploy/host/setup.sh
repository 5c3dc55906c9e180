#!/bin/sh
# Prepares a bare Ubuntu or Debian host for junzi: kernel limits, LXD, a storage pool, a bridge, a folder of datasets.
# It can be run again: what is there is kept as it is, and said.
#
#   sudo deploy/host/setup.sh [--driver zfs|btrfs|dir] [--size 800GiB | --disk /dev/nvme1n1]
#                             [--pool default] [--bridge lxdbr0] [--subnet 10.88.0.1/24] [--datasets /srv/datasets]
#
# $DESTDIR: put the file of kernel limits below this folder (for packages and tests).
set -eu

driver=zfs size='' disk='' pool=default bridge=lxdbr0 subnet=auto datasets=/srv/datasets

fail() {
    echo "setup: $*" >&2
    exit 1
}

say() {
    echo "setup: $*"
}

have() {
    command -v "$1" >/dev/null 2>&1
}

while [ $# -gt 0 ]; do
    case $1 in -h | --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value; the first lines of this file show the options"
    case $1 in
    --driver) driver=$2 ;;
    --size) size=$2 ;;
    --disk) disk=$2 ;;
    --pool) pool=$2 ;;
    --bridge) bridge=$2 ;;
    --subnet) subnet=$2 ;;
    --datasets) datasets=$2 ;;
    *) fail "there is no option $1; the first lines of this file show which there are" ;;
    esac
    shift 2
done
case $driver in zfs | btrfs | dir) ;; *) fail "--driver is zfs, btrfs or dir, not $driver" ;; esac
[ -z "$size" ] || [ -z "$disk" ] || fail "--size makes a file, --disk takes a whole disk: give one of them"
[ "$(id -u)" = 0 ] || fail "this changes the system: run it with sudo"

limits() {
    file=${DESTDIR:-}/etc/sysctl.d/60-junzi-lxd.conf
    mkdir -p "$(dirname "$file")"
    cat >"$file" <<'END'
# Written by junzi's deploy/host/setup.sh. With the kernel's own limits about the 18th container dies at boot
# ("Too many open files"). LXD's manual asks a server for these.
fs.aio-max-nr = 524288
fs.inotify.max_queued_events = 1048576
fs.inotify.max_user_instances = 1048576
fs.inotify.max_user_watches = 1048576
kernel.keys.maxbytes = 2000000
kernel.keys.maxkeys = 2000
vm.max_map_count = 262144
END
    if have sysctl && sysctl -q -p "$file" 2>/dev/null; then
        say "kernel limits are set ($file)"
    else
        say "kernel limits are in $file, but could not all be set now; they hold from the next boot"
    fi
}

lxd() {
    if have lxc && lxc info >/dev/null 2>&1; then
        say "LXD is there"
        return
    fi
    if have snap; then
        snap list lxd >/dev/null 2>&1 || snap install lxd --channel=5.21/stable
        snap refresh --hold lxd >/dev/null 2>&1 || true # an upgrade is for a day when somebody watches
        PATH=$PATH:/snap/bin
    elif have apt-get && apt-cache show lxd >/dev/null 2>&1; then
        apt-get install -y lxd lxd-client iptables dnsmasq-base
    else
        fail "neither snap nor a package of LXD here: sudo apt install snapd, then run this again"
    fi
    command lxd waitready --timeout 120
    say "LXD is installed"
}

# A pool in a file may promise more than the disk below it has: it looks empty until that disk is full, and then nobody
# can write any more. A size that is no number of bytes is left to LXD, which says so.
fits() {
    wanted=$(numfmt --from=auto --suffix=B "$size" 2>/dev/null) || return 0
    folder=${LXD_DIR:-/var/snap/lxd/common/lxd}
    [ -d "$folder" ] || folder=/var/lib/lxd
    free=$(df --output=avail -B1 "$folder" | tail -n 1)
    [ "${wanted%B}" -le "$free" ] ||
        fail "--size $size is more than is free in $folder ($((free / 1073741824))GiB): give less, or a whole disk with --disk"
}

storage() {
    if lxc storage show "$pool" >/dev/null 2>&1; then
        say "the storage pool $pool is there"
        return
    fi
    case $driver in
    zfs) have zfs || apt-get install -y zfsutils-linux || fail "ZFS can't be installed here; try --driver btrfs" ;;
    btrfs) have mkfs.btrfs || apt-get install -y btrfs-progs ;;
    esac
    if [ "$driver" = dir ]; then
        lxc storage create "$pool" dir
    elif [ -n "$disk" ]; then
        [ -b "$disk" ] || fail "$disk is no disk; see: lsblk"
        ! blkid "$disk" >/dev/null 2>&1 || fail "$disk is not empty; if nothing on it is needed: sudo wipefs -a $disk"
        lxc storage create "$pool" "$driver" source="$disk"
    elif [ -n "$size" ]; then
        fits
        lxc storage create "$pool" "$driver" size="$size"
    else
        fail "how large is the pool to be? --disk /dev/nvme1n1 (a whole disk, best) or --size 800GiB (a file)"
    fi
}

network() {
    if lxc network show "$bridge" >/dev/null 2>&1; then
        say "the bridge $bridge is there"
    else
        lxc network create "$bridge" ipv4.address="$subnet" ipv4.nat=true ipv6.address=none
    fi
}

profile() {
    devices=$(lxc profile device list default)
    case " $(echo "$devices" | tr '\n' ' ') " in
    *" root "*) say "the default profile has a root disk" ;;
    *) lxc profile device add default root disk path=/ pool="$pool" ;;
    esac
    case " $(echo "$devices" | tr '\n' ' ') " in
    *" eth0 "*) say "the default profile has a network" ;;
    *) lxc profile device add default eth0 nic network="$bridge" name=eth0 ;;
    esac
}

cards() {
    if have nvidia-smi && nvidia-smi -L; then
        # An upgrade of the driver under running containers breaks nvidia-smi in all of them until the next reboot.
        packages=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' '*nvidia*' 2>/dev/null | awk '$2 == "ii" { print $1 }')
        if [ -n "$packages" ]; then
            # shellcheck disable=SC2086 # one word a package
            apt-mark hold $packages >/dev/null
            say "the NVIDIA driver is held: apt leaves it alone until you say: sudo apt-mark unhold ..."
        fi
    elif grep -qs 0x10de /sys/bus/pci/devices/*/vendor; then
        say "there are NVIDIA cards, but nvidia-smi does not work: install the driver, then run this again (deploy/guides)"
    else
        say "no NVIDIA card here; containers work all the same"
    fi
}

limits
lxd
storage
network
profile
install -d -m 755 "$datasets"
say "datasets go to $datasets"
cards
