# Sourced by tools/demo, tools/test and .ci/run. Installs what is missing, and says so; a second call does nothing.

say() { printf '%s\n' "$*" >&2; }

# Runs as root, through sudo where we are not.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "This needs root, and there is no sudo here. Please run as root:  $*"
        return 1
    fi
}

has_package() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_packages PACKAGE...: those of Debian's packages that are not there yet.
install_packages() {
    local package missing=()
    for package in "$@"; do
        has_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing: ${missing[*]}"
    local log
    log=$(mktemp)
    if as_root apt-get -qq update >"$log" 2>&1 </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -y --no-install-recommends install "${missing[@]}" >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        say "Could not install: ${missing[*]}"
        return 1
    fi
}

# What it takes to build the library, its tests and its samples.
install_build_tools() {
    if command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1; then
        # Debian 12 names Boost by its version. Where that version is gone, the release's own will do, or the wrap.
        local boost=(libboost1.81-dev libboost-test1.81-dev libboost-json1.81-dev)
        if ! has_package libboost1.81-dev && [ "$(. /etc/os-release && echo "$ID${VERSION_ID:-}")" != debian12 ]; then
            boost=(libboost-dev libboost-test-dev libboost-json-dev)
        fi
        install_packages g++ meson ninja-build pkg-config "${boost[@]}" libspdlog-dev libcsv-dev \
            libsqlite3-dev
        return
    fi
    local tool missing=()
    for tool in c++ meson ninja pkg-config; do
        command -v "$tool" >/dev/null 2>&1 || missing+=("$tool")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        say "This is no Debian, so please install these yourself: ${missing[*]}"
        say "Needed: a C++20 compiler (GCC 12.2 or later, or clang 19 or later), Meson 1.0 or later, Ninja, pkg-config."
        say "Boost 1.81 or later with its unit test framework, spdlog 1.10 or later, and libcsv 3: from the system if it"
        say "has them; if not, Meson fetches them."
        return 1
    fi
    say "Boost (1.81 or later, with its unit test framework), spdlog (1.10 or later) and libcsv (3) come from the system" \
        "if it has them; if not, Meson fetches them."
}

# quietly WHAT COMMAND...: runs the command; its output is shown only if it fails. On a terminal it shows how far a build
# has come.
quietly() {
    local what=$1 log status=0
    shift
    log=$(mktemp)
    say "$what"
    "$@" </dev/null 2>&1 | tee "$log" | show_progress || status=$?
    if [ $status -ne 0 ]; then
        cat "$log" >&2
        say "Failed: $what"
    fi
    rm -f "$log"
    return $status
}

# Reduces Ninja's lines to the [12/34] they begin with, all in one place.
show_progress() {
    local line
    while IFS= read -r line; do
        case $line in
            \[*/*\]*) if [ -t 2 ]; then printf '\r  %s ' "${line%%]*}]" >&2; fi ;;
        esac
    done
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

# configure FOLDER OPTION...: sets up a build once; later builds keep themselves up to date.
configure() {
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] && return 0
    quietly "Configuring $folder" meson setup --buildtype=release "$@" "$folder"
}
