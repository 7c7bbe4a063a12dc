# shellcheck shell=bash disable=SC2034,SC2154 # sourced: its variables are set and read by others
# One line per step, the whole output in a file. Source it after env.sh, with `log_dir` set.
#
#     step "clippy, host" cargo clippy --all-targets      # goes on after a failure, and remembers it in `failed`
#     must "system packages" install_packages             # stops the script at a failure
#
# Three variables may be set for one call: `hint`, what to do about a failure; `about`, how long it takes; `instead`,
# for a step that may fail, what follows from that:
#
#     hint="Is the disk full?" about="5 minutes" must "cargo-leptos" install_cargo_leptos
#     instead="no database, so not checked" step "advisories" cargo deny check advisories
#
# Call both as plain commands, never in a condition: there bash would switch off `set -e` inside the step.

# What goes to a file needs neither colours nor the stack of a tool.
export CARGO_TERM_COLOR=never NO_COLOR=1 RUST_BACKTRACE=0

failed=()  # names of the steps that failed
steps=0    # how many have run
step_rc=0  # exit code of the last one
hint='' about='' instead=''

step() {
    local name=$1 log started=$SECONDS
    log=$log_dir/$(tr -cs 'a-zA-Z0-9.\n' - <<<"$name").log
    shift
    mkdir -p "$log_dir"
    steps=$((steps + 1))
    if [[ -t 1 ]]; then
        printf '  ..   %s%s' "$name" "${about:+ (about $about)}"
    elif [[ -n $about ]]; then
        printf '  ..   %s (about %s)\n' "$name" "$about"
    fi

    set +e
    (set -euo pipefail; "$@") >"$log" 2>&1 </dev/null
    step_rc=$?
    set -e

    [[ -t 1 ]] && printf '\r\e[K'
    if ((step_rc == 0)); then
        printf '  ok   %-44s (%d s)\n' "$name" $((SECONDS - started))
        return
    fi
    if [[ -n $instead ]]; then
        printf '  --   %s: %s (%d s, see %s)\n' "$name" "$instead" $((SECONDS - started)) "${log#"$root"/}"
        return
    fi
    failed+=("$name")
    printf '  FAIL %-44s (%d s, exit code %d)\n' "$name" $((SECONDS - started)) "$step_rc"
    { excerpt "$log" || true; } | sed 's/^/       | /'
    printf '       the whole output: %s\n' "${log#"$root"/}"
    [[ -z $hint ]] || printf '       what to do: %s\n' "$hint"
}

must() {
    step "$@"
    ((${#failed[@]} == 0)) || exit 1
}

# The end of a log without cargo's progress. A script may define its own.
excerpt() {
    plain "$1" | tail -n 40
}

plain() {
    sed -E 's/\x1b(\[[0-9;]*m|\(B)//g' "$1" |
        grep -avE '^ *(Compiling|Checking|Documenting|Downloading|Downloaded|Updating|Locking|Adding|Blocking|Finished|Running) '
}
