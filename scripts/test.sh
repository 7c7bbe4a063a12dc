#!/usr/bin/env bash
# All tests: every crate on this host, then the site in a real browser with real softphones. The last line counts both:
# "N passed, N failed", with ", N skipped" when some were.
#
#     CROSSPOINT_BUILD=release make test      the browser tests drive the release, which takes longer to build
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh build test
. scripts/env.sh
log_dir=$root/target/logs/test
. scripts/steps.sh
export INSTA_UPDATE=no CROSSPOINT_BUILD=${CROSSPOINT_BUILD:-test}

passed=0 broken=0 skipped=0

# What cargo test says of the failed ones: their output, then their names.
excerpt() {
    if grep -q '^---- .* ----$' "$1"; then
        awk '/^---- .* ----$/ { on = 1 } /^failures:$/ { on = 0 } on' "$1" | head -n 120
        grep -E '^test .* FAILED$' "$1"
    else
        plain "$1" | tail -n 40
    fi
}

# Adds what the log of the step "Rust tests" counted: one line "test result: ..." for each test program.
count_rust() {
    local p f s
    read -r p f s < <(awk '/^test result: / { for (i = 2; i <= NF; i++) { if ($i == "passed;") p += $(i-1); if ($i == "failed;") f += $(i-1); if ($i == "ignored;") s += $(i-1) } }
        END { print p + 0, f + 0, s + 0 }' "$log_dir/Rust-tests.log")
    passed=$((passed + p)) broken=$((broken + f)) skipped=$((skipped + s))
    echo "       $p passed, $f failed, $s skipped"
}

count_browser() {
    local p f s
    [[ -s $report ]] || { echo "       no report: no browser test ran"; return; }
    read -r p f s < <(node -e '
        const { expected, unexpected, flaky, skipped } = JSON.parse(require("fs").readFileSync(process.argv[1])).stats
        console.log(expected, unexpected + flaky, skipped)' "$report")
    passed=$((passed + p)) broken=$((broken + f)) skipped=$((skipped + s))
    echo "       $p passed, $f failed or flaky, $s skipped"
}

about="4 minutes when nothing is built yet" step "Rust tests compile" cargo test --no-run
if ((step_rc == 0)); then
    step "Rust tests" cargo test --no-fail-fast
    count_rust
fi

browser_tests() {
    cd end2end
    PLAYWRIGHT_JSON_OUTPUT_NAME=$report npx playwright test --reporter=list,json
}

if [[ -n $(find end2end -name '*.spec.ts' -not -path '*/node_modules/*' -print -quit) ]]; then
    report=$log_dir/browser.json
    rm -f "$report"
    if scripts/build.sh "$CROSSPOINT_BUILD"; then
        step "browser tests" browser_tests
        count_browser
    else
        failed+=("crosspoint and site, $CROSSPOINT_BUILD")
    fi
fi

((${#failed[@]} == 0)) || printf 'failed: %s\n' "${failed[@]}"
# A step that died before it could count, for example at compiling, is a failure too.
((broken > 0 || ${#failed[@]} == 0)) || broken=${#failed[@]}
printf '%d passed, %d failed' "$passed" "$broken"
((skipped == 0)) || printf ', %d skipped' "$skipped"
echo
((broken == 0))
