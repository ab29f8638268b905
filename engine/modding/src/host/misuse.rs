//! Meaningless calls: with a number that names nothing, or an address that no column can have.
//!
//! The mod gets a negative number, which many mods do not check. So its author is told in the log, once for each system.

use tinkerbox_abi::{ALIGNMENT, AbiError, import};

use crate::guest::effects::not_queued::NotQueued;
use crate::guest::state::ModState;

/// What is wrong with a call.
#[derive(Debug)]
pub(super) struct Misuse {
    pub error: AbiError,
    function: &'static str,
    what: What,
}

#[derive(Debug)]
enum What {
    /// A query, resource or event of this number, of which the system has fewer.
    Number(&'static str, u32),
    Column(u32),
    Buffer(u32),
    ReadOnly(&'static str, u32),
    /// This many bytes are not events with this id.
    EventBytes(&'static str, usize),
    NoHandler,
    NoCommands,
    Records,
    NotValid(NotQueued),
    NoSystem,
}

impl Misuse {
    fn new(error: AbiError, function: &'static str, what: What) -> Misuse {
        Misuse { error, function, what }
    }

    pub fn query(function: &'static str, query: u32) -> Misuse {
        Misuse::new(AbiError::BadArgument, function, What::Number("query", query))
    }

    pub fn resource(function: &'static str, resource: u32) -> Misuse {
        Misuse::new(AbiError::BadArgument, function, What::Number("resource", resource))
    }

    pub fn event(event: u32) -> Misuse {
        Misuse::new(AbiError::BadArgument, import::EVENT_SEND, What::Number("event", event))
    }

    pub fn column(function: &'static str, column: u32) -> Misuse {
        Misuse::new(AbiError::BadArgument, function, What::Column(column))
    }

    pub fn buffer(address: u32) -> Misuse {
        Misuse::new(AbiError::BadArgument, import::VIEW_NEXT, What::Buffer(address))
    }

    pub fn read_only_column(column: u32) -> Misuse {
        Misuse::new(AbiError::Denied, import::SET, What::ReadOnly("column", column))
    }

    pub fn read_only_resource(resource: u32) -> Misuse {
        Misuse::new(AbiError::Denied, import::RESOURCE_SET, What::ReadOnly("resource", resource))
    }

    pub fn event_bytes(id: &'static str, len: usize) -> Misuse {
        Misuse::new(AbiError::BadArgument, import::EVENT_SEND, What::EventBytes(id, len))
    }

    pub fn no_handler() -> Misuse {
        Misuse::new(AbiError::NotNow, import::EVENT_NEXT, What::NoHandler)
    }

    pub fn no_commands(function: &'static str) -> Misuse {
        Misuse::new(AbiError::Denied, function, What::NoCommands)
    }

    pub fn records() -> Misuse {
        Misuse::new(AbiError::BadArgument, import::COMMAND, What::Records)
    }

    /// A value in commands or events is not valid.
    pub fn not_valid(function: &'static str, what: NotQueued) -> Misuse {
        Misuse::new(AbiError::BadArgument, function, What::NotValid(what))
    }

    pub fn no_system() -> Misuse {
        Misuse::new(AbiError::NotNow, "a function that needs a system", What::NoSystem)
    }

    /// Warns the mod's author, once for each system.
    #[cold]
    pub fn report(self, state: &mut ModState) {
        let (is_reported, system) = match state.system() {
            Some(system) => (&mut system.uses.is_misuse_reported, Some(&*system.uses.name)),
            None => (&mut state.is_misuse_reported, None),
        };
        if std::mem::replace(is_reported, true) {
            return;
        }
        let whose =
            system.map_or_else(|| "outside of a system".to_owned(), |name| format!("system `{name}`"));
        let Misuse { function, error, what } = self;
        let what = what.words(state);
        let code = i32::from(error);
        let text = format!(
            "{whose}: `{function}` returns {code} ({}): {what}. This is reported once for each system",
            error.name()
        );
        state.logs.warn(text);
    }
}

impl What {
    fn words(self, state: &mut ModState) -> String {
        match self {
            What::Number(kind, number) => {
                let count = state.system().map_or(0, |system| match kind {
                    "query" => system.queries.len(),
                    "resource" => system.uses.resources.len(),
                    _ => system.uses.sends.len(),
                });
                match count {
                    0 => format!("there is no {kind} {number}: the system declares none"),
                    _ => format!("there is no {kind} {number}: the system declares {count}, numbered from 0"),
                }
            }
            What::Column(number) => {
                format!("column {number} of that query is not a component: columns are numbered from 0, and a column of entities has no values to get or set")
            }
            What::Buffer(0) => "the buffer's address is 0, which means that a column is absent".to_owned(),
            What::Buffer(address) => {
                format!("the buffer's address, {address:#x}, is not a multiple of {ALIGNMENT}")
            }
            What::ReadOnly(kind, number) => {
                format!("{kind} {number} is declared with access = \"read\", and only what is declared with \"write\" can be set")
            }
            What::EventBytes(id, len) => {
                format!("{len} bytes are not events `{id}`: their number is not a multiple of the size of an event")
            }
            What::NoHandler => "the system handles neither events nor what happens to components: declare what it handles with `on`".to_owned(),
            What::NoCommands => "the system does not declare `commands = true`".to_owned(),
            What::Records => "a record can't be read, has a value of the wrong size, or names an id that was not reserved; none was queued".to_owned(),
            What::NotValid(NotQueued::InvalidComponent(invalid)) => {
                let (component, bytes) = *invalid;
                format!("{}; none of the commands was queued", state.describe_component(&component, &bytes))
            }
            What::NotValid(NotQueued::InvalidEvent(invalid)) => {
                let (event, bytes) = *invalid;
                format!("{}; none of the events was sent", ModState::describe_event(&event, &bytes))
            }
            What::NotValid(NotQueued::Refused(error)) => error.name().to_owned(),
            What::NoSystem => "no system runs while a mod is loaded, initialised or saved".to_owned(),
        }
    }
}
