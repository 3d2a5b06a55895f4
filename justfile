# Recipes of every day; `just --list` shows them. Each is one command that also works without just.

_default:
    @just --list

# formatting, clippy, layers, tidy, docs
check:
    cargo xtask check

# tests of all crates, or of one: just test -p thinkey-types
test *ARGS:
    cargo nextest run {{ if ARGS == "" { "--workspace" } else { ARGS } }}

# each planted bug must be found by the tests: just plants, or just plants NAME
plants NAME="":
    cargo xtask plants {{ if NAME == "" { "" } else { "--only " + NAME } }}

# one seed with its hash, or a hundred: just sim, just sim 42
sim SEED="":
    cargo run -q --release -p thinkey-node --bin thinkey -- sim {{ if SEED == "" { "--seeds 100" } else { "--hash --seed " + SEED } }}

# the network on this machine: just localnet, just localnet --processes
localnet *ARGS:
    cargo run --release --bin thinkey -- devnet {{ ARGS }}

# licences, banned crates, sources, advisories (cargo install cargo-deny --locked)
deny:
    cargo deny check

# what the continuous check runs on a fresh machine
ci:
    .ci/run

# before a pull request
pre-pr: check test plants
