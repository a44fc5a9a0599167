#!/bin/sh
# install_browser.sh: what the tests of the page need and Debian has: Chromium, and node with npm to build the viewer anew.
# Nothing is installed that is there already. Needs root where something is missing. Status 1 without Chromium; without
# node the tests say that the viewer was not built.
set -eu

fail() { echo "install_browser: $*" >&2; exit 1; }

install() {  # PACKAGE...
    [ "$(id -u)" = 0 ] || fail "has to run as root to install $*"
    command -v apt-get >/dev/null || fail "there is no apt-get here to install $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

if ! command -v chromium >/dev/null || ! command -v npm >/dev/null; then
    [ "$(id -u)" != 0 ] || apt-get update -q
fi
command -v chromium >/dev/null || install chromium
command -v npm >/dev/null || (install nodejs npm) || echo "install_browser: no node with npm is to be had" >&2
chromium --version
