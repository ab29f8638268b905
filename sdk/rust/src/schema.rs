//! The schema of a system as TOML text, written while the author's crate is compiled.
//!
//! Everything here is `const`: the text becomes the bytes of a static in the custom section
//! `tinkerbox.schema`, and nothing of it is left in the mod's code or memory.

use crate::columns::{Access, Term};
use crate::filter::{Condition, ConditionKind};
use crate::source::Source;
use tinkerbox_abi::ModType;

/// A system, as `#[system]` sees it.
pub struct SystemSchema {
    /// Its export is `sys_` and this.
    pub name: &'static str,
    /// Where it is written: systems of a mod run in the order of their source.
    pub source: Source,
    /// Systems that run before it.
    pub after: &'static [&'static str],
    /// Systems that run after it.
    pub before: &'static [&'static str],
    /// The events that it handles, if it is called for them only.
    pub on: Option<EventSchema>,
    /// What it asks for. The host's functions name each by its place among those of its kind.
    pub parameters: &'static [ParameterSchema],
}

/// What one parameter of a system asks for.
#[derive(Clone, Copy)]
pub enum ParameterSchema {
    /// Rows of the world.
    Query(QuerySchema),
    /// A resource.
    Resource(ResourceSchema),
    /// To send events.
    Send(EventSchema),
    /// To give commands.
    Commands,
}

impl ParameterSchema {
    /// Whether both are numbered together.
    pub(crate) const fn is_like(&self, other: &ParameterSchema) -> bool {
        use ParameterSchema::{Commands, Query, Resource, Send};
        matches!(
            (self, other),
            (Query(_), Query(_)) | (Resource(_), Resource(_)) | (Send(_), Send(_)) | (Commands, Commands)
        )
    }
}

/// One query of a system.
#[derive(Clone, Copy)]
pub struct QuerySchema {
    /// The columns.
    pub terms: &'static [Term],
    /// What is asked of its entities besides.
    pub conditions: &'static [Condition],
}

/// One resource of a system.
#[derive(Clone, Copy)]
pub struct ResourceSchema {
    id: &'static str,
    access: Access,
    layout: &'static str,
}

impl ResourceSchema {
    pub(crate) const fn of<T: ModType>(access: Access) -> ResourceSchema {
        ResourceSchema { id: T::ID, access, layout: T::LAYOUT }
    }
}

/// One type of events.
#[derive(Clone, Copy)]
pub struct EventSchema {
    id: &'static str,
    layout: &'static str,
}

impl EventSchema {
    /// The schema of `E`.
    ///
    /// # Panics
    /// If `E` has no field: events are counted by their bytes.
    pub const fn of<E: ModType>() -> EventSchema {
        assert!(size_of::<E>() > 0, "an event needs a field: events are counted by their bytes");
        EventSchema { id: E::ID, layout: E::LAYOUT }
    }
}

impl SystemSchema {
    /// Bytes of [`SystemSchema::text`].
    pub const fn text_len(&self) -> usize {
        let mut text = Text::<0>::new();
        text.system(self);
        text.len
    }

    /// The fragment: one `[[system]]` table with those that belong to it, ended by an empty line.
    ///
    /// # Panics
    /// If `N` is not [`SystemSchema::text_len`].
    pub const fn text<const N: usize>(&self) -> [u8; N] {
        let mut text = Text::<N>::new();
        text.system(self);
        assert!(text.len == N, "the array is as long as the text");
        text.bytes
    }
}

/// Text that counts on where it has no room left, so that the same code measures and writes.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Text<N> {
        Text { bytes: [0; N], len: 0 }
    }

    const fn system(&mut self, system: &SystemSchema) {
        self.push("[[system]]\nname = ");
        self.quoted(system.name);
        self.push("\nsource = ");
        self.source(&system.source);
        self.push("\nafter = ");
        self.list(system.after);
        self.push("\nbefore = ");
        self.list(system.before);
        self.push("\n");
        if has_commands(system.parameters) {
            self.push("commands = true\n");
        }
        if let Some(event) = &system.on {
            self.push("on = { event = ");
            self.quoted(event.id);
            self.push(", layout = ");
            self.quoted(event.layout);
            self.push(" }\n");
        }
        self.queries(system.parameters);
        self.resources(system.parameters);
        self.sends(system.parameters);
        self.push("\n");
    }

    const fn source(&mut self, source: &Source) {
        self.push("{ crate = ");
        self.quoted(source.crate_name());
        self.push(", file = \"");
        self.path(source.file_in_package());
        self.push("\", position = [");
        let mut at = 0;
        while at < source.position.len() {
            self.push(if at == 0 { "" } else { ", " });
            self.number(source.position[at]);
            at += 1;
        }
        self.push("] }");
    }

    const fn queries(&mut self, parameters: &[ParameterSchema]) {
        let mut at = 0;
        while at < parameters.len() {
            if let ParameterSchema::Query(query) = &parameters[at] {
                self.query(query);
            }
            at += 1;
        }
    }

    const fn resources(&mut self, parameters: &[ParameterSchema]) {
        let mut at = 0;
        while at < parameters.len() {
            if let ParameterSchema::Resource(resource) = &parameters[at] {
                self.push("[[system.resource]]\n");
                self.line("resource = ", resource.id);
                self.line("access = ", resource.access.text());
                self.line("layout = ", resource.layout);
            }
            at += 1;
        }
    }

    const fn sends(&mut self, parameters: &[ParameterSchema]) {
        let mut at = 0;
        while at < parameters.len() {
            if let ParameterSchema::Send(event) = &parameters[at] {
                self.push("[[system.send]]\n");
                self.line("event = ", event.id);
                self.line("layout = ", event.layout);
            }
            at += 1;
        }
    }

    const fn query(&mut self, query: &QuerySchema) {
        self.push("[[system.query]]\ncolumns = [");
        let mut at = 0;
        while at < query.terms.len() {
            self.push(if at == 0 { " " } else { ", " });
            self.term(&query.terms[at]);
            at += 1;
        }
        self.push(" ]\n");
        self.conditions("with = [", query.conditions, ConditionKind::With);
        self.conditions("without = [", query.conditions, ConditionKind::Without);
        self.conditions("changed = [", query.conditions, ConditionKind::Changed);
    }

    const fn term(&mut self, term: &Term) {
        self.push("{ component = ");
        self.quoted(term.component);
        self.push(", access = ");
        self.quoted(term.access.text());
        self.push(if term.is_optional { ", optional = true, layout = " } else { ", layout = " });
        self.quoted(term.layout);
        self.push(" }");
    }

    const fn conditions(&mut self, key: &str, conditions: &[Condition], kind: ConditionKind) {
        self.push(key);
        let mut is_first = true;
        let mut at = 0;
        while at < conditions.len() {
            if conditions[at].kind as u8 == kind as u8 {
                self.push(if is_first { "" } else { ", " });
                self.quoted(conditions[at].component);
                is_first = false;
            }
            at += 1;
        }
        self.push("]\n");
    }

    const fn list(&mut self, items: &[&str]) {
        self.push("[");
        let mut at = 0;
        while at < items.len() {
            self.push(if at == 0 { "" } else { ", " });
            self.quoted(items[at]);
            at += 1;
        }
        self.push("]");
    }

    const fn line(&mut self, key: &str, value: &str) {
        self.push(key);
        self.quoted(value);
        self.push("\n");
    }

    /// Names and layouts have nothing to escape: the macros see to it.
    const fn quoted(&mut self, text: &str) {
        self.push("\"");
        self.push(text);
        self.push("\"");
    }

    /// A path with `/` on every system, and without what would have to be escaped.
    const fn path(&mut self, path: &str) {
        let path = path.as_bytes();
        let mut at = 0;
        while at < path.len() {
            self.byte(match path[at] {
                b'\\' => b'/',
                b'"' | 0..0x20 | 0x7f => b'_',
                byte => byte,
            });
            at += 1;
        }
    }

    const fn number(&mut self, number: u32) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            self.byte(text[at]);
            at += 1;
        }
    }

    const fn byte(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }
}

const fn has_commands(parameters: &[ParameterSchema]) -> bool {
    let mut at = 0;
    while at < parameters.len() {
        if matches!(parameters[at], ParameterSchema::Commands) {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::expansion::{EventSchema, Parameter, ParameterSchema, Source, SystemSchema, place};
    use crate::{Changed, Commands, Entity, EventWriter, ModType, Query, Res, ResMut, With, Without};
    use bytemuck::{Pod, Zeroable};

    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:A")]
    struct A(f32);

    #[derive(Clone, Copy, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:M")]
    struct M;

    #[derive(Clone, Copy, Pod, Zeroable, ModType)]
    #[repr(C)]
    #[mod_type(id = "test:Hit")]
    struct Hit {
        target: Entity,
        harm: [f32; 2],
    }

    const PARAMETERS: &[ParameterSchema] = &[
        <Query<(&mut A, &A), (With<M>, Without<A>, With<A>)>>::SCHEMA,
        <ResMut<A>>::SCHEMA,
        Commands::SCHEMA,
        <EventWriter<Hit>>::SCHEMA,
        <Query<(Entity, Option<&mut A>, Option<&Hit>), (Changed<Hit>, Without<M>)>>::SCHEMA,
        <Option<Res<Hit>>>::SCHEMA,
        <EventWriter<A>>::SCHEMA,
    ];
    const SOURCE: Source = Source {
        module: "sheep::meals",
        file: "C:\\mods\\sheep\\src\\meals \"2\".rs",
        package: Some("C:\\mods\\sheep"),
        generated: None,
        position: &[7, 1, 4_294_967_295],
    };
    const GRAZE: SystemSchema = SystemSchema {
        name: "graze",
        source: SOURCE,
        after: &["grow", "wolves:hunt"],
        before: &[],
        on: Some(EventSchema::of::<Hit>()),
        parameters: PARAMETERS,
    };
    const SLEEP: SystemSchema = SystemSchema {
        name: "sleep",
        source: SOURCE,
        after: &[],
        before: &["graze"],
        on: None,
        parameters: &[<Query<(), Without<M>>>::SCHEMA],
    };
    const GRAZE_TEXT: [u8; GRAZE.text_len()] = GRAZE.text();
    const SLEEP_TEXT: [u8; SLEEP.text_len()] = SLEEP.text();

    #[test]
    fn the_text_is_the_documented_one() {
        let expected = r#"[[system]]
name = "graze"
source = { crate = "sheep", file = "src/meals _2_.rs", position = [7, 1, 4294967295] }
after = ["grow", "wolves:hunt"]
before = []
commands = true
on = { event = "test:Hit", layout = "{ target: entity, harm: [f32; 2] }" }
[[system.query]]
columns = [ { component = "test:A", access = "write", layout = "{ 0: f32 }" }, { component = "test:A", access = "read", layout = "{ 0: f32 }" } ]
with = ["test:M", "test:A"]
without = ["test:A"]
changed = []
[[system.query]]
columns = [ { component = "entity", access = "read", layout = "u64" }, { component = "test:A", access = "write", optional = true, layout = "{ 0: f32 }" }, { component = "test:Hit", access = "read", optional = true, layout = "{ target: entity, harm: [f32; 2] }" } ]
with = []
without = ["test:M"]
changed = ["test:Hit"]
[[system.resource]]
resource = "test:A"
access = "write"
layout = "{ 0: f32 }"
[[system.resource]]
resource = "test:Hit"
access = "read"
layout = "{ target: entity, harm: [f32; 2] }"
[[system.send]]
event = "test:Hit"
layout = "{ target: entity, harm: [f32; 2] }"
[[system.send]]
event = "test:A"
layout = "{ 0: f32 }"

"#;
        assert_eq!(str::from_utf8(&GRAZE_TEXT).unwrap(), expected);
    }

    #[test]
    fn lines_that_say_nothing_are_left_out() {
        let expected = r#"[[system]]
name = "sleep"
source = { crate = "sheep", file = "src/meals _2_.rs", position = [7, 1, 4294967295] }
after = []
before = ["graze"]
[[system.query]]
columns = [ ]
with = []
without = ["test:M"]
changed = []

"#;
        assert_eq!(str::from_utf8(&SLEEP_TEXT).unwrap(), expected);
    }

    #[test]
    fn parameters_are_numbered_among_those_of_their_kind() {
        let places: Vec<u32> = (0..PARAMETERS.len()).map(|at| place(PARAMETERS, at)).collect();
        assert_eq!(places, [0, 0, 0, 0, 1, 1, 1]);
    }
}
