#!/bin/sh
# Installs the bot as a systemd service from this checkout, and upgrades it: run it again after `git pull`.
#
#   sudo deploy/install.sh
#
# $DESTDIR: only put the files below this folder, start nothing (for packages and tests).
set -eu

# shellcheck source=deploy/environment.sh
. "$(dirname "$0")/environment.sh"

target=${DESTDIR:-}
[ -n "$target" ] || [ "$(id -u)" = 0 ] || fail "this installs a service: run it with sudo"
[ -n "$target" ] || [ -d /run/systemd/system ] || fail "systemd does not run here, and this installs a service; without it: deploy/demo.sh, or junzi run"

# `command install`: environment.sh has a function of that name.
files() {
    command install -d "$target/etc/sysusers.d" "$target/etc/tmpfiles.d" "$target/etc/systemd/system"
    command install -m 644 "$root/deploy/sysusers.d/junzi.conf" "$target/etc/sysusers.d/junzi.conf"
    command install -m 644 "$root/deploy/tmpfiles.d/junzi.conf" "$target/etc/tmpfiles.d/junzi.conf"
    for unit in junzi.service junzi-backup.service junzi-backup.timer; do
        sed "s|/opt/junzi/.venv|$venv|g" "$root/deploy/$unit" >"$target/etc/systemd/system/$unit"
        chmod 644 "$target/etc/systemd/system/$unit"
    done
}

files
[ -z "$target" ] || exit 0

environment requirements.lock
# The service may not write here, so what Python keeps compiled beside the code is made now, not at every start anew.
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" "$root/bot" "$root/handlers" "$root/storage"
if have systemd-sysusers; then
    systemd-sysusers /etc/sysusers.d/junzi.conf
elif ! id junzi >/dev/null 2>&1; then
    useradd --system --home-dir /var/lib/junzi --shell /usr/sbin/nologin --groups lxd junzi
fi
# A checkout or a Python below somebody's home is closed to the user of the service.
runuser -u junzi -- "$venv/bin/python" -c "import bot" ||
    fail "the user junzi can't run $venv/bin/python (see above): put the checkout into /opt/junzi, remove $venv, and run this again with PYTHON=/usr/bin/python3"
# What runs is stopped only for something that can start.
"$venv/bin/python" -c "import bot.real" ||
    fail "this version can't start (see above), so what ran before is left running; back to the version before: sudo git checkout 'HEAD@{1}' && sudo deploy/install.sh"
systemd-tmpfiles --create /etc/tmpfiles.d/junzi.conf
systemctl daemon-reload
systemctl enable --now junzi-backup.timer
if [ -f /etc/junzi/junzi.toml ]; then
    systemctl enable junzi
    systemctl restart junzi
    for _ in 1 2 3 4 5; do
        sleep 1
        systemctl is-active --quiet junzi ||
            fail "junzi was started and ended at once; why: sudo $venv/bin/junzi doctor, and sudo journalctl -u junzi -n 20"
    done
    echo "junzi runs; look it over with: sudo $venv/bin/junzi doctor"
else
    echo "Now answer a few questions: sudo $venv/bin/junzi init"
    echo "Then start it:              sudo systemctl enable --now junzi"
fi
