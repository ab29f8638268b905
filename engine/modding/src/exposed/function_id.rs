//! The ids of the game's functions. What they do is in `host/game_function.rs`.

use std::fmt;

use tinkerbox_abi::names::{FUNCTION_ID_RULE, RESERVED_PREFIX, is_function_id, is_reserved};

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
        assert!(
            !is_reserved(id),
            "`{id}`: modules that begin with `{RESERVED_PREFIX}` are the contract's; name yours after the game"
        );
        match id.split_once(':').filter(|_| is_function_id(id)) {
            Some((module, name)) => FunctionId { module: module.to_owned(), name: name.to_owned() },
            None => panic!("invalid function id `{id}`: write {FUNCTION_ID_RULE}"),
        }
    }
}

impl fmt::Display for FunctionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.name)
    }
}
