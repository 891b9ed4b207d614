# The commands of every day. `just` lists them.

_default:
    @just --list

# What a change must pass.
ci:
    .ci/run

# Everything quick: types, lints, layout.
check:
    cargo clippy --all-targets -- --deny warnings
    cargo fmt --check

# The tests, or those whose names hold a word.
test *words:
    cargo test {{ words }}

# The tests of one real target: `just target kubeflow`.
target name:
    cargo test --test all conformance::{{ name }}

# Write what the cases in tests/cases give; read the difference before it is committed.
bless:
    MLP_BLESS=1 cargo test --test all cases
    git diff --stat tests/cases

# One diagnostic's page: `just page unknown_name`.
page slug:
    MLP_PAGE={{ slug }} cargo test --test all pages

# Lay everything out.
fmt:
    cargo fmt
    cargo run --quiet -- fmt examples/tumour examples/minimal examples/process

# Compare with the kfp SDK: docs/benchmarks.md says how to read it.
bench:
    cargo bench

# Licences and known faults of the crates.
deny:
    cargo deny check
