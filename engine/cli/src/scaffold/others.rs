//! The files of a new mod in another language than Rust: a source file, and the SDK in the mod's folder.

use anyhow::bail;
use clap::ValueEnum;

use super::blanks::{Blanks, filled};
use super::new_mod::{Files, Language, NewMod, SDK};
use super::sdk::Sdk;

/// What is special to a language. Of two templates, the second is for a game that is known.
pub(super) struct Kit {
    /// The folder of its SDK.
    folder: &'static str,
    /// The ending of its source file.
    ending: &'static str,
    /// The templates of the source file.
    sources: [&'static str; 2],
    /// The commands that build a mod.
    builds: [&'static str; 2],
    /// The ending of the file with a game's bindings.
    bindings: &'static str,
    /// What has to be installed.
    needs: &'static str,
    /// What has to be run in a new mod's folder.
    pub first: Option<&'static str>,
}

impl Kit {
    /// The command that builds a mod.
    pub fn build(&self, blanks: &Blanks) -> String {
        filled(self.builds[usize::from(blanks.has_game())], blanks, &[("sdk", SDK)])
    }

    /// The file with a game's bindings.
    pub fn bindings(&self, game: &str) -> String {
        format!("{game}.{}", self.bindings)
    }
}

const C: Kit = Kit {
    folder: "c",
    ending: "c",
    sources: [include_str!("../../templates/c/hello.c.in"), include_str!("../../templates/c/game.c.in")],
    builds: ["clang @{{sdk}}/c/flags.txt -I{{sdk}}/c -o {{id}}.wasm {{id}}.c"; 2],
    bindings: "h",
    needs: "clang and lld, as `apt-get install clang lld` brings them",
    first: None,
};

const ZIG: Kit = Kit {
    folder: "zig",
    ending: "zig",
    sources: [
        include_str!("../../templates/zig/hello.zig.in"),
        include_str!("../../templates/zig/game.zig.in"),
    ],
    builds: [
        "python3 -m ziglang build-exe -target wasm32-freestanding -fno-entry -rdynamic --stack 32768 -OReleaseSmall \
         -femit-bin={{id}}.wasm --dep tinkerbox -Mroot={{id}}.zig -Mtinkerbox={{sdk}}/zig/tinkerbox.zig",
        // What a module imports stands before it.
        "python3 -m ziglang build-exe -target wasm32-freestanding -fno-entry -rdynamic --stack 32768 -OReleaseSmall \
         -femit-bin={{id}}.wasm --dep tinkerbox --dep {{game}} -Mroot={{id}}.zig --dep tinkerbox -M{{game}}={{game}}.zig \
         -Mtinkerbox={{sdk}}/zig/tinkerbox.zig",
    ],
    bindings: "zig",
    needs: "Zig, as `pip install ziglang==0.15.2` brings it",
    first: None,
};

const ASSEMBLYSCRIPT: Kit = Kit {
    folder: "assemblyscript",
    ending: "ts",
    sources: [
        include_str!("../../templates/assemblyscript/hello.ts.in"),
        include_str!("../../templates/assemblyscript/game.ts.in"),
    ],
    builds: ["node {{sdk}}/assemblyscript/node_modules/assemblyscript/bin/asc.js {{id}}.ts --path {{sdk}}/assemblyscript \
              --transform ./{{sdk}}/assemblyscript/transform.mjs --runtime minimal -O3s --outFile {{id}}.wasm";
        2],
    bindings: "ts",
    needs: "Node.js, and the compiler, which `npm ci --prefix .tinkerbox/sdk/assemblyscript` brings",
    first: Some("npm ci --prefix .tinkerbox/sdk/assemblyscript"),
};

/// The kit of a language other than Rust.
pub(super) fn kit(language: Language) -> Option<Kit> {
    match language {
        Language::Rust => None,
        Language::C => Some(C),
        Language::Zig => Some(ZIG),
        Language::AssemblyScript => Some(ASSEMBLYSCRIPT),
    }
}

/// The files of a mod.
pub(super) fn files(new: &NewMod, kit: &Kit, blanks: &Blanks, embedded: Sdk) -> anyhow::Result<Files> {
    let mut copied = embedded.of(kit.folder).peekable();
    if copied.peek().is_none() {
        bail!(
            "this version of the tool has no SDK for {}. It has: {}",
            name(new.language),
            known(embedded).join(", ")
        );
    }
    let source = kit.sources[usize::from(blanks.has_game())];
    let about = "`.tinkerbox/sdk` is the SDK; it belongs to the mod, and into its version control.";
    let more = [("needs", kit.needs), ("about_sdk", about)];
    let mut ignored = format!("/target/\n/{}.wasm\n/*.zip\nnode_modules/\n", new.id);
    ignored.extend(blanks.game().map(|game| format!("/{}\n", kit.bindings(game))));
    let mut files: Files = vec![
        (format!("{}.{}", new.id, kit.ending), filled(source, blanks, &[])),
        ("README.md".to_owned(), filled(include_str!("../../templates/README.md.in"), blanks, &more)),
        (".gitignore".to_owned(), ignored),
    ];
    files.extend(copied.map(|(name, text)| (format!("{SDK}/{name}"), text.to_owned())));
    Ok(files)
}

/// The languages of which there is an SDK.
fn known(embedded: Sdk) -> Vec<String> {
    let all = Language::value_variants().iter().copied();
    let has_sdk =
        |language: &Language| kit(*language).is_none_or(|kit| embedded.of(kit.folder).next().is_some());
    all.filter(has_sdk).map(name).collect()
}

fn name(language: Language) -> String {
    language.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
