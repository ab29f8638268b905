//! The checks that there are, and the steps of each.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::step::{Cargo, Step};
use crate::{dependencies, package, release};

/// Machines that the runtime is written for and that no test runs on: it must compile for them.
const OTHER_MACHINES: [&str; 2] = ["aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];

/// In the order in which they run: those that fail quickly come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    Fmt,
    Deps,
    Msrv,
    Lints,
    Tests,
    Docs,
    Package,
    Semver,
    /// It takes minutes and runs only when it is named.
    PackageBuild,
}

/// The checks to run for those that were named, each once and in the order above.
pub fn chosen(named: &[Check]) -> Vec<Check> {
    let is_chosen = |check: &Check| match named {
        [] => *check != Check::PackageBuild,
        named => named.contains(check),
    };
    Check::value_variants().iter().copied().filter(is_chosen).collect()
}

impl Check {
    pub fn steps(self, repository: &Path) -> Vec<Step> {
        match self {
            Check::Fmt => fmt(),
            Check::Deps => deps(),
            Check::Msrv => msrv(),
            Check::Lints => lints(),
            Check::Tests => tests(),
            Check::Docs => docs(),
            Check::Package => packages(),
            Check::Semver => release::semver_steps(repository),
            Check::PackageBuild => package_build(),
        }
    }
}

impl ValueEnum for Check {
    fn value_variants<'a>() -> &'a [Check] {
        use Check::*;
        &[Fmt, Deps, Msrv, Lints, Tests, Docs, Package, Semver, PackageBuild]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Check::Fmt => ("fmt", "The format of all sources"),
            Check::Deps => ("deps", "Dependencies: licences, sources, duplicates, unused ones, advisories"),
            Check::Msrv => ("msrv", "The oldest Rust that is promised"),
            Check::Lints => ("lints", "Compiler and clippy, for every machine and for the mods"),
            Check::Tests => ("tests", "All tests"),
            Check::Docs => ("docs", "The API documentation and its links"),
            Check::Package => ("package", "The crates that users depend on can be packed, complete"),
            Check::Semver => ("semver", "The API against the last release"),
            Check::PackageBuild => {
                ("package-build", "Builds the packed crates from nothing else: takes minutes")
            }
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// As it is written on the command line.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no check is hidden from the command line");
        f.write_str(value.get_name())
    }
}

fn fmt() -> Vec<Step> {
    ["", "mods"]
        .map(|folder| {
            let cargo = Cargo::new("fmt --all --check").in_folder(folder);
            Step::run_cargo(cargo, "Run `cargo fmt --all`, and the same in `mods`.")
        })
        .into()
}

fn lints() -> Vec<Step> {
    let what_to_do =
        "Mend what the compiler names. Where it is wrong, write `#[expect(lint, reason = \"..\")]`.";
    let workspace = Cargo::new("clippy --workspace --all-targets --locked -- -D warnings");
    // As games have it by default: the tests of the workspace turn on the features for Bevy's own types and for reflection.
    let plain = Cargo::new("clippy -p meadow-game --locked -- -D warnings");
    let mods = Cargo::new("clippy --workspace --target wasm32-unknown-unknown --locked -- -D warnings");
    // In one command, so that the second machine's dependencies don't wait for the first one's.
    let targets = OTHER_MACHINES.map(|machine| format!("--target {machine}")).join(" ");
    let machines = Cargo::new(&format!("clippy {targets} -p tinkerbox-wasm --locked -- -D warnings"));
    let installed = format!(
        "{what_to_do} The targets are installed by `rustup target add {}`.",
        OTHER_MACHINES.join(" ")
    );
    vec![
        Step::run_cargo(workspace, what_to_do),
        Step::run_cargo(plain, what_to_do),
        Step::run_cargo(mods.in_folder("mods"), what_to_do),
        Step::run_cargo(machines, &installed),
    ]
}

fn tests() -> Vec<Step> {
    // The command that the README gives, which therefore has to be right.
    let what_to_do = "Run the named test alone: `tests/README.md` lists the commands. Where an expectation in a \
                      file has changed on purpose, run it with `BLESS=1` and read the difference.";
    vec![Step::run_cargo(Cargo::new("test --workspace"), what_to_do)]
}

fn docs() -> Vec<Step> {
    let cargo = Cargo::new("doc --workspace --no-deps --locked").env("RUSTDOCFLAGS", "-D warnings");
    vec![Step::run_cargo(cargo, "Mend the links and the code that rustdoc names.")]
}

fn deps() -> Vec<Step> {
    let advisories = Cargo::new("deny --locked check advisories");
    vec![
        Step::inspect(
            "licences",
            dependencies::licences,
            "Use another crate, or allow the licence in `deny.toml` in a commit of its own that says why.",
        ),
        Step::inspect(
            "sources",
            dependencies::sources,
            "Take the crate from crates.io: what comes from elsewhere cannot be published.",
        ),
        Step::inspect(
            "duplicates",
            dependencies::duplicates,
            "Bring the versions together (`cargo tree --duplicates`), or list the older one in `deny.toml`.",
        ),
        Step::inspect(
            "unused dependencies",
            dependencies::unused,
            "Remove the dependency, or name it in `[package.metadata.cargo-machete]` with the reason.",
        ),
        Step::run_tool(
            advisories,
            "cargo-deny",
            "Update the crate that an advisory names, or list it in `deny.toml` with the reason why it does not \
             concern us. Without a network the database of advisories cannot be fetched.",
        ),
    ]
}

fn msrv() -> Vec<Step> {
    // The pinned toolchain compiles everything in the other checks.
    vec![Step::inspect(
        "`rust-version` is the pinned toolchain",
        release::rust_versions,
        "Change `rust-version` in the manifests and `channel` in `rust-toolchain.toml` together. Where the code needs a \
         newer Rust, do without, or raise both in a commit of their own.",
    )]
}

fn packages() -> Vec<Step> {
    vec![
        Step::inspect(
            "manifests and files of the packages",
            package::problems,
            "Complete the manifest, or keep what the crate needs in its own folder.",
        ),
        Step::inspect(
            "cargo package --no-verify",
            package::pack,
            "Mend what cargo names; `cargo ci package-build` then builds what was packed.",
        ),
    ]
}

fn package_build() -> Vec<Step> {
    vec![Step::inspect(
        "cargo package",
        package::pack_and_build,
        "Keep what the crate needs in its own folder and among its dependencies.",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Work;

    #[test]
    fn checks_run_once_and_in_their_order() {
        assert_eq!(chosen(&[Check::Docs, Check::Fmt, Check::Docs]), [Check::Fmt, Check::Docs]);
    }

    #[test]
    fn without_names_all_run_but_the_longest() {
        let all = chosen(&[]);
        assert_eq!(all.len() + 1, Check::value_variants().len());
        assert!(!all.contains(&Check::PackageBuild));
        assert_eq!(chosen(&[Check::PackageBuild]), [Check::PackageBuild]);
    }

    #[test]
    fn every_step_says_what_to_do() {
        for check in Check::value_variants() {
            let steps = check.steps(crate::repository());
            assert!(!steps.is_empty(), "{check} does nothing");
            for step in steps {
                let is_skipped = matches!(step.work, Work::Skip(_));
                assert!(is_skipped || !step.what_to_do.is_empty(), "{check}: {}", step.name);
            }
        }
    }

    #[test]
    fn the_command_of_the_tests_is_the_one_in_the_readme() {
        let readme = std::fs::read_to_string(crate::repository().join("README.md")).unwrap();
        let [step] = tests().try_into().unwrap_or_else(|_| panic!("one command tests everything"));
        assert!(readme.lines().any(|line| line == step.name), "README.md does not say `{}`", step.name);
    }
}
