//! The files of a new mod in another language than Rust: a source file, and the SDK in the mod's folder.

use anyhow::bail;
use clap::ValueEnum;

use super::new_mod::{Files, Language, NewMod, SDK, filled};
use super::sdk;

/// What is special to a language.
pub(super) struct Kit {
    /// The folder of its SDK.
    folder: &'static str,
    /// The ending of its source file, and the file's template.
    source: (&'static str, &'static str),
    /// The command that builds a mod.
    pub build: &'static str,
    /// What has to be installed.
    needs: &'static str,
    /// What has to be run in a new mod's folder.
    pub first: Option<&'static str>,
}

/// The kit of a language other than Rust.
pub(super) fn kit(language: Language) -> Option<Kit> {
    Some(match language {
        Language::Rust => return None,
        Language::C => Kit {
            folder: "c",
            source: ("c", include_str!("../../templates/c/mod.c.in")),
            build: "clang @{{sdk}}/c/flags.txt -I{{sdk}}/c -o {{id}}.wasm {{id}}.c",
            needs: "clang and lld, as `apt-get install clang lld` brings them",
            first: None,
        },
        Language::Zig => Kit {
            folder: "zig",
            source: ("zig", include_str!("../../templates/zig/mod.zig.in")),
            build: "python3 -m ziglang build-exe -target wasm32-freestanding -fno-entry -rdynamic --stack 32768 \
                    -OReleaseSmall --dep tinkerbox -Mroot={{id}}.zig -Mtinkerbox={{sdk}}/zig/tinkerbox.zig \
                    -femit-bin={{id}}.wasm",
            needs: "Zig, as `pip install ziglang==0.15.2` brings it",
            first: None,
        },
        Language::AssemblyScript => Kit {
            folder: "assemblyscript",
            source: ("ts", include_str!("../../templates/assemblyscript/mod.ts.in")),
            build: "node {{sdk}}/assemblyscript/node_modules/assemblyscript/bin/asc.js {{id}}.ts --path \
                    {{sdk}}/assemblyscript --transform ./{{sdk}}/assemblyscript/transform.mjs --runtime minimal -O3s \
                    --outFile {{id}}.wasm",
            needs: "Node.js, and the compiler, which `npm ci --prefix .tinkerbox/sdk/assemblyscript` brings",
            first: Some("npm ci --prefix .tinkerbox/sdk/assemblyscript"),
        },
    })
}

/// The files of a mod.
pub(super) fn files(new: &NewMod, kit: &Kit) -> anyhow::Result<Files> {
    let mut copied = sdk::of(kit.folder).peekable();
    if copied.peek().is_none() {
        bail!(
            "this version of the tool has no SDK for {}. It has: {}",
            name(new.language),
            known().join(", ")
        );
    }
    let (ending, source) = kit.source;
    let about = "`.tinkerbox/sdk` is the SDK; it belongs to the mod, and into its version control.";
    let blanks = [("needs", kit.needs), ("about_sdk", about)];
    let mut files: Files = vec![
        (format!("{}.{ending}", new.id), filled(source, new, &[])),
        ("README.md".to_owned(), filled(include_str!("../../templates/README.md.in"), new, &blanks)),
        (".gitignore".to_owned(), format!("/target/\n/{}.wasm\nnode_modules/\n", new.id)),
    ];
    files.extend(copied.map(|(name, text)| (format!("{SDK}/{name}"), text.to_owned())));
    Ok(files)
}

/// The languages of which there is an SDK.
fn known() -> Vec<String> {
    let all = Language::value_variants().iter().copied();
    let has_sdk = |language: &Language| kit(*language).is_none_or(|kit| sdk::of(kit.folder).next().is_some());
    all.filter(has_sdk).map(name).collect()
}

fn name(language: Language) -> String {
    language.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
