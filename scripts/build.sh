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

case ${1-} in
    release)
        about="6 minutes when nothing is built yet, seconds later" hint="'make setup' completes the tools; the code may be at fault too." \
            must "crosspoint, release" cargo leptos build --release ;;
    test)
        about="3 minutes when nothing is built yet, seconds later" \
            LEPTOS_SITE_ROOT=target/dev-site must "crosspoint and site, for tests" cargo leptos build ;;
    *)
        echo "usage: scripts/build.sh release|test" >&2
        exit 64 ;;
esac
