# shellcheck shell=bash disable=SC2034,SC2154 # sourced: its variables are set and read by others
# The environment of every command of this project. Source it, do not run it:
#
#     . scripts/env.sh && cargo test -p sip
#
# check, test, build and run all pass through here: one compiler, one set of flags, one target directory, so that
# nothing is compiled twice. Sourcing costs a few milliseconds and installs nothing; that is what setup.sh does.
#
# Settings of your own, all optional:
#   CROSSPOINT_RUST    "debian" for Debian's compiler in /usr/bin, or the name of a rustup toolchain of yours
#   CROSSPOINT_TOOLS   where downloaded tools are kept (default: ~/.cache/crosspoint/tools, shared by all clones)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Debian carries exactly this compiler; rustup is asked for the same, so that everybody meets the same lints.
rust_version=1.96.0
cargo_leptos_version=0.3.11
# wasm-bindgen's command and library must be of one version, or the command refuses the library's output.
wasm_bindgen_version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[",]/, "", $3); print $3; exit }' "$root/Cargo.lock")

tools=${CROSSPOINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/crosspoint/tools}
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
debian_sysroot=/usr/lib/rustlib

# Debian's compiler needs a wasm32 library built by this very rustc; after an upgrade it is built anew.
debian_library_ready() {
    local mark=$debian_sysroot/wasm32-unknown-unknown/.rustc
    [[ -r $mark && -x /usr/bin/rustc && $(<"$mark") == "$(/usr/bin/rustc -V)" ]]
}

# Where rustup is there too, it has to know this compiler by a name.
debian_rust_ready() {
    [[ -x /usr/bin/cargo-clippy && -x /usr/bin/cargo-fmt ]] && debian_library_ready &&
        { ! command -v rustup >/dev/null || [[ -e $rustup_home/toolchains/debian ]]; }
}

rustup_rust_ready() {
    local lib
    for lib in "$rustup_home/toolchains/$1"*/lib/rustlib/wasm32-unknown-unknown/lib; do
        [[ -d $lib ]] && return 0
    done
    return 1
}

# Prints the compiler in use: "debian", a rustup toolchain, or nothing when none is ready.
rust_in_use() {
    case ${CROSSPOINT_RUST-} in
        '') if debian_rust_ready; then echo debian; elif rustup_rust_ready "$rust_version"; then echo "$rust_version"; fi ;;
        debian) if debian_rust_ready; then echo debian; fi ;;
        *) if rustup_rust_ready "$CROSSPOINT_RUST"; then echo "$CROSSPOINT_RUST"; fi ;;
    esac
}

use_rust() {
    case $1 in
        '') ;;
        debian)
            # rustup's `cargo` stands first on many a PATH and would ignore Debian's without this.
            if command -v rustup >/dev/null; then export RUSTUP_TOOLCHAIN=debian; else PATH=/usr/bin:$PATH; fi ;;
        *) export RUSTUP_TOOLCHAIN=$1 ;;
    esac
}

[[ -d $HOME/.cargo/bin ]] && PATH=$PATH:$HOME/.cargo/bin
PATH=$tools/cargo-leptos-$cargo_leptos_version/bin:$tools/wasm-bindgen-cli-$wasm_bindgen_version/bin:$PATH
PATH=$tools/node/bin:$root/end2end/node_modules/.bin:$tools/python/bin:$PATH
rust=$(rust_in_use)
use_rust "$rust"
export PATH

# The tests drive Debian's Chromium: no package may bring a browser of its own.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
