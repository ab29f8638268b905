//! The ids of the game's functions. What they do is in `host/game_function.rs`.

use std::fmt;

/// How the modules of all versions of the contract begin.
const CONTRACT: &str = "tinkerbox";

/// `game:name`: the module and the name under which mods import it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionId {
    pub module: String,
    pub name: String,
}

impl FunctionId {
    /// # Panics
    /// The id is not of the form `game:name`, or its module is the contract's.
    #[track_caller]
    pub fn parse(id: &str) -> FunctionId {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match id.split_once(':').filter(|(module, name)| is_name(module) && is_name(name)) {
            Some((module, _)) if module.starts_with(CONTRACT) => {
                panic!(
                    "`{id}`: modules that begin with `{CONTRACT}` are the contract's; name yours after the game"
                )
            }
            Some((module, name)) => FunctionId { module: module.to_owned(), name: name.to_owned() },
            None => panic!("invalid function id `{id}`: write \"game:name\", in letters, digits and _"),
        }
    }
}

impl fmt::Display for FunctionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.name)
    }
}
