#!/usr/bin/env bash
# Everything that can be said about the code without running it: form, lints, documentation, dependencies, spelling,
# house rules. All steps run, also after a failure, so that one look shows everything that is to be mended.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh check
. scripts/env.sh
log_dir=$root/target/logs/check
. scripts/steps.sh

wasm=(--target wasm32-unknown-unknown --target-dir target/front)

documentation() {
    export RUSTDOCFLAGS='-D warnings'
    cargo doc --no-deps --document-private-items
    cargo doc --no-deps --document-private-items -p frontend "${wasm[@]}"
}

hint="run 'cargo fmt'" step "format" cargo fmt --all --check -- --color never --files-with-diff
about="2 minutes when nothing is built yet" step "clippy" cargo clippy --all-targets -- -D warnings
step "clippy, frontend for wasm32" cargo clippy -p frontend "${wasm[@]}" -- -D warnings
step "sip compiles for wasm32" cargo check -p sip "${wasm[@]}"
step "documentation" documentation
hint="deny.toml says what is allowed, and why" step "dependencies: licences, bans, sources" cargo deny check licenses bans sources
instead="cannot be had here, advisories are not checked" step "advisory database" timeout 20 cargo deny fetch db
((step_rc != 0)) || hint="update the crate, or argue the exception in deny.toml" \
    step "dependencies: advisories" cargo deny check --disable-fetch advisories
step "TypeScript" npm --prefix end2end run typecheck
step "shell scripts" shellcheck --external-sources scripts/*.sh .ci/run
hint="correct them, or list a word of the trade in _typos.toml" step "spelling" typos
hint="each message names the file, the line and the remedy" step "house rules" cargo test -q -p testkit --test tidy

if ((${#failed[@]} > 0)); then
    printf 'check: %d of %d steps failed:' "${#failed[@]}" "$steps"
    printf ' [%s]' "${failed[@]}"
    echo
    exit 1
fi
echo "check: all $steps steps passed"
