#!/usr/bin/env bash
# From a fresh clone on a bare Debian 12 to .venv/bin/tracker. Run again: nothing to do, at once.
# With the argument `run` it leaves out what only the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
# The embedded PostgreSQL runs as an account of its own under root, and must be able to read itself.
umask 022

purpose=${1:-everything}

say() { printf 'setup: %s\n' "$*" >&2; }

# --- What the system must have ---------------------------------------------------------------

missing_packages() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [ "$purpose" != run ] || return 0
    [ -x /usr/lib/postgresql/15/bin/initdb ] || echo postgresql-15
    command -v chromium >/dev/null || echo chromium
    has_chinese_font || echo fonts-noto-cjk
    # The tests of wrong clocks shift the clock of one process with it.
    compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || echo libfaketime
}

has_chinese_font() {
    [ -n "$(find /usr/share/fonts -iname '*NotoSansCJK*' -print -quit 2>/dev/null)" ]
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # Installing PostgreSQL would also make and start a cluster that nobody asked for.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.conf
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

system_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing ${missing[*]}"
        install_packages "${missing[@]}"
    elif [ "${missing[0]}" = python3-venv ]; then
        say "needs root once: apt-get install ${missing[*]}"
        exit 1
    else
        say "for the tests, as root: apt-get install ${missing[*]} (running needs none of them)"
    fi
}

# Serving lives without it; only the monthly report as PDF is refused until there is one.
font_of_the_report() {
    [ "$purpose" = run ] && ! has_chinese_font || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing fonts-noto-cjk, for the monthly report as PDF"
        (install_packages fonts-noto-cjk) && return 0
    fi
    say "for the monthly report as PDF, as root: apt-get install fonts-noto-cjk"
}

# --- The environment -------------------------------------------------------------------------

python_of_ours() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        { say "needs Python 3.11 or newer"; exit 1; }
    if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
        say "making .venv"
        python3 -m venv --clear .venv
    fi
    local wanted
    wanted=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
    # The path too: an environment does not survive being moved.
    wanted="$wanted $PWD"
    [ "$(cat .venv/stamp 2>/dev/null)" = "$wanted" ] && return 0
    say "installing the locked dependencies"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    printf '%s' "$wanted" >.venv/stamp
}

web_assets() {
    command -v npm >/dev/null || { say "needs Node.js 20 with npm, for the web's assets"; exit 1; }
    local wanted
    wanted=$(cat web/package.json web/package-lock.json web/build.mjs | sha256sum)
    [ "$(cat web/dist/stamp 2>/dev/null)" = "$wanted" ] && return 0
    say "fetching the web's assets"
    npm --prefix web ci --silent --no-audit --no-fund
    npm --prefix web run --silent build
    mkdir -p web/dist
    printf '%s\n' "$wanted" >web/dist/stamp
}

system_packages
font_of_the_report
python_of_ours
web_assets
