#!/bin/bash
# The container half of /adduser as an admin's shell script would do it: the yardstick of bench_adduser.py.
# Usage: adduser.sh NAME PORT DATASETS   (the password comes on standard input)
set -euo pipefail
name=$1 port=$2 datasets=$3
read -r password

lxc copy template "$name" --instance-only
lxc config device add "$name" ssh proxy "listen=tcp:0.0.0.0:$port" connect=tcp:127.0.0.1:22
lxc config device add "$name" datasets disk "source=$datasets" path=/mnt/datasets readonly=true required=false
lxc config set "$name" limits.cpu=1 "user.junzi.member=$name"

printf '%s\n' "$name" | lxc file push - "$name/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$name" | lxc file push - "$name/etc/hosts"
printf '' | lxc file push - "$name/etc/machine-id"
lxc file delete "$name/var/lib/dbus/machine-id" \
  "$name"/etc/ssh/ssh_host_{ed25519,ecdsa,rsa}_key "$name"/etc/ssh/ssh_host_{ed25519,ecdsa,rsa}_key.pub

lxc start "$name"
lxc exec "$name" -- useradd -m -s /bin/bash -G sudo "$name"
printf '%s:%s\n' "$name" "$password" | lxc exec "$name" -- chpasswd
lxc exec "$name" -- ssh-keygen -A
lxc exec "$name" -- systemctl reset-failed ssh
lxc exec "$name" -- systemctl restart ssh

until { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null && read -r -t 3 banner <&3 && [[ $banner == SSH-* ]]; do
  sleep 0.05
done
