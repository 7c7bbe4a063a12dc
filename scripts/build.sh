#!/usr/bin/env bash
# Builds the server and its site.
#
#     scripts/build.sh release    target/release/crosspoint + target/site: what is shipped and what `make run` starts
#     scripts/build.sh test       target/debug/crosspoint + target/dev-site: quick to build, for the browser tests
#
# Two sites, so that tests and `make watch` never leave their large WebAssembly beside the release.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
log_dir=$root/target/logs
. scripts/steps.sh

# cargo-leptos packs the site anew each time, half a minute for nothing where nothing has changed since.
inputs=(app frontend public server sip style .cargo Cargo.lock Cargo.toml Leptos.toml scripts/build.sh scripts/env.sh)
fingerprint() { # FILE...: of what is built from, by what, and of what came of it
    { rustc -V; find "${inputs[@]}" -type f -printf '%p %T@ %s\n' | sort; stat -c '%n %Y %s' "$@"; } | sha256sum
}

build() { # MARK PROGRAM SITE COMMAND...
    local mark=$root/target/.built-$1 made=("$2" "$3"/pkg/crosspoint.{js,wasm,css})
    [[ -r $mark && $(<"$mark") == "$(fingerprint "${made[@]}" 2>/dev/null)" ]] && return
    rm -f "$mark"
    "${@:4}"
    fingerprint "${made[@]}" >"$mark"
}

case ${1-} in
    release)
        about="6 minutes when nothing is built yet, seconds later" hint="'make setup' completes the tools; the code may be at fault too." \
            must "crosspoint, release" \
            build release target/release/crosspoint target/site cargo leptos build --release ;;
    test)
        about="3 minutes when nothing is built yet, seconds later" \
            LEPTOS_SITE_ROOT=target/dev-site must "crosspoint and site, for tests" \
            build test target/debug/crosspoint target/dev-site cargo leptos build ;;
    *)
        echo "usage: scripts/build.sh release|test" >&2
        exit 64 ;;
esac
