#!/bin/sh
# A made-up lab with a chat page in the browser. It needs python3 and, the first time, a network; nothing else.
#
#   deploy/demo.sh [--language en] [--port 8765] [--no-browser] [--speed N]
set -eu

# shellcheck source=deploy/environment.sh
. "$(dirname "$0")/environment.sh"

environment requirements.lock
exec "$venv/bin/junzi" demo "$@"
