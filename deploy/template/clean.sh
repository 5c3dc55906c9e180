#!/bin/sh
# Takes out of a container what belongs to people or to this one copy, so that it can become a template.
# Runs inside it, as root; may run again without harm. /template publish runs it in a copy, never in the original.
set -eu

[ "$(id -u)" = 0 ] || { echo "run it as root, inside the container" >&2; exit 1; }

# People: accounts from 1000 on, their homes, their mail and their timed jobs.
awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd | while read -r user; do
    pkill -9 -u "$user" 2>/dev/null || true
    userdel "$user"
    rm -f "/var/spool/cron/crontabs/$user" "/etc/sudoers.d/$user"
done
# --one-file-system: whatever is mounted from the host stays as it is.
find /home /var/mail /tmp /var/tmp -xdev -mindepth 1 -maxdepth 1 -exec rm -rf --one-file-system {} +

# Keys and histories of root.
rm -rf --one-file-system /root/.ssh /root/.cache /root/.gnupg /root/.git-credentials /root/.netrc /root/.config/gh
rm -f /root/.*history /root/.viminfo /root/.python_history /root/.lesshst /root/.wget-hsts

# Who this container is: junzi gives every copy an identity of its own.
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed
rm -f /var/lib/dhcp/*.leases /var/lib/NetworkManager/*.lease /run/systemd/netif/leases/* 2>/dev/null || true

# Logs and caches.
apt-get clean 2>/dev/null || true
find /var/log -type f -exec truncate -s 0 {} +
rm -rf /var/log/journal/*
echo "clean"
