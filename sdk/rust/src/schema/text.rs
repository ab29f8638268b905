//! The schema of a system as TOML text, which becomes the bytes of a static in the mod's custom section.

use tinkerbox_abi::ConstText;

use super::access::HandledSchema;
use super::query::{ColumnSchema, FilterKind, FilterSchema, QuerySchema};
use super::source::SourceLocation;
use super::system::{ParameterSchema, SystemSchema};

impl SystemSchema {
    /// The length of [`SystemSchema::text`] in bytes.
    pub const fn text_len(&self) -> usize {
        let mut text = Text::<0>(ConstText::new());
        text.system(self);
        text.0.len()
    }

    /// The fragment of the schema: one `[[system]]` table with its sub-tables, and an empty line.
    ///
    /// # Panics
    /// If `N` is not [`SystemSchema::text_len`].
    pub const fn text<const N: usize>(&self) -> [u8; N] {
        let mut text = Text::<N>(ConstText::new());
        text.system(self);
        text.0.finish()
    }
}

/// The text, or with a capacity of 0 its length.
struct Text<const N: usize>(ConstText<N>);

impl<const N: usize> Text<N> {
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
        match &system.on {
            Some(HandledSchema::Event(event)) => {
                self.push("on = { event = ");
                self.quoted(event.id);
                self.push(", layout = ");
                self.quoted(event.layout);
                self.push(" }\n");
            }
            Some(HandledSchema::Lifecycle(what, component)) => {
                self.push("on = { ");
                self.push(what.text());
                self.push(" = ");
                self.quoted(component);
                self.push(" }\n");
            }
            None => {}
        }
        self.queries(system.parameters);
        self.resources(system.parameters);
        self.sends(system.parameters);
        self.push("\n");
    }

    const fn source(&mut self, source: &SourceLocation) {
        self.push("{ crate = ");
        self.quoted(source.crate_name());
        self.push(", file = \"");
        self.path(source.file_in_package());
        self.push("\", position = [");
        let mut index = 0;
        while index < source.position.len() {
            self.push(if index == 0 { "" } else { ", " });
            self.0.number(source.position[index] as i128);
            index += 1;
        }
        self.push("] }");
    }

    const fn queries(&mut self, parameters: &[ParameterSchema]) {
        let mut index = 0;
        while index < parameters.len() {
            if let ParameterSchema::Query(query) = &parameters[index] {
                self.query(query);
            }
            index += 1;
        }
    }

    const fn resources(&mut self, parameters: &[ParameterSchema]) {
        let mut index = 0;
        while index < parameters.len() {
            if let ParameterSchema::Resource(resource) = &parameters[index] {
                self.push("[[system.resource]]\n");
                self.line("resource = ", resource.id);
                self.line("access = ", resource.access.text());
                self.line("layout = ", resource.layout);
            }
            index += 1;
        }
    }

    const fn sends(&mut self, parameters: &[ParameterSchema]) {
        let mut index = 0;
        while index < parameters.len() {
            if let ParameterSchema::Send(event) = &parameters[index] {
                self.push("[[system.send]]\n");
                self.line("event = ", event.id);
                self.line("layout = ", event.layout);
            }
            index += 1;
        }
    }

    const fn query(&mut self, query: &QuerySchema) {
        self.push("[[system.query]]\ncolumns = [");
        let mut index = 0;
        while index < query.columns.len() {
            self.push(if index == 0 { " " } else { ", " });
            self.column(&query.columns[index]);
            index += 1;
        }
        self.push(" ]\n");
        self.filters("with = [", query.filters, FilterKind::With);
        self.filters("without = [", query.filters, FilterKind::Without);
        self.filters("changed = [", query.filters, FilterKind::Changed);
        self.filters("added = [", query.filters, FilterKind::Added);
    }

    const fn column(&mut self, column: &ColumnSchema) {
        self.push("{ component = ");
        self.quoted(column.component);
        self.push(", access = ");
        self.quoted(column.access.text());
        self.push(if column.is_optional { ", optional = true, layout = " } else { ", layout = " });
        self.quoted(column.layout);
        self.push(" }");
    }

    const fn filters(&mut self, key: &str, filters: &[FilterSchema], kind: FilterKind) {
        self.push(key);
        let mut is_first = true;
        let mut index = 0;
        while index < filters.len() {
            if filters[index].kind as u8 == kind as u8 {
                self.push(if is_first { "" } else { ", " });
                self.quoted(filters[index].component);
                is_first = false;
            }
            index += 1;
        }
        self.push("]\n");
    }

    const fn list(&mut self, items: &[&str]) {
        self.push("[");
        let mut index = 0;
        while index < items.len() {
            self.push(if index == 0 { "" } else { ", " });
            self.quoted(items[index]);
            index += 1;
        }
        self.push("]");
    }

    const fn line(&mut self, key: &str, value: &str) {
        self.push(key);
        self.quoted(value);
        self.push("\n");
    }

    /// Names and layouts need no escapes: the macros and `checked_id` check them.
    const fn quoted(&mut self, text: &str) {
        self.push("\"");
        self.push(text);
        self.push("\"");
    }

    /// A path with `/` as its separator on every system; characters that need escapes become `_`.
    const fn path(&mut self, path: &str) {
        let path = path.as_bytes();
        let mut index = 0;
        while index < path.len() {
            self.0.byte(match path[index] {
                b'\\' => b'/',
                b'"' | 0..0x20 | 0x7f => b'_',
                byte => byte,
            });
            index += 1;
        }
    }

    const fn push(&mut self, text: &str) {
        self.0.push(text);
    }
}

const fn has_commands(parameters: &[ParameterSchema]) -> bool {
    let mut index = 0;
    while index < parameters.len() {
        if matches!(parameters[index], ParameterSchema::Commands) {
            return true;
        }
        index += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use tinkerbox_sdk::Removed;
    use tinkerbox_sdk::expansion::{Handled, Parameter, parameter_index};
    use tinkerbox_sdk::prelude::*;

    use super::*;

    #[mod_type("test:A")]
    struct A(f32);

    #[mod_type("test:M")]
    struct M;

    #[mod_type("test:Hit")]
    struct Hit {
        target: Entity,
        harm: [f32; 2],
    }

    const PARAMETERS: &[ParameterSchema] = &[
        <Query<(&mut A, &A), (With<M>, Without<A>, With<A>)>>::SCHEMA,
        <ResMut<A>>::SCHEMA,
        Commands::SCHEMA,
        <EventWriter<Hit>>::SCHEMA,
        <Query<(Entity, Option<&mut A>, Option<&Hit>), (Changed<Hit>, Without<M>, Added<A>)>>::SCHEMA,
        <Option<Res<Hit>>>::SCHEMA,
        <EventWriter<A>>::SCHEMA,
    ];
    const SOURCE: SourceLocation = SourceLocation {
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
        on: Some(Hit::SCHEMA),
        parameters: PARAMETERS,
    };
    const SLEEP: SystemSchema = SystemSchema {
        name: "sleep",
        source: SOURCE,
        after: &[],
        before: &["graze"],
        on: Some(<Removed<M>>::SCHEMA),
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
added = []
[[system.query]]
columns = [ { component = "entity", access = "read", layout = "u64" }, { component = "test:A", access = "write", optional = true, layout = "{ 0: f32 }" }, { component = "test:Hit", access = "read", optional = true, layout = "{ target: entity, harm: [f32; 2] }" } ]
with = []
without = ["test:M"]
changed = ["test:Hit"]
added = ["test:A"]
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
    fn empty_lines_are_left_out() {
        let expected = r#"[[system]]
name = "sleep"
source = { crate = "sheep", file = "src/meals _2_.rs", position = [7, 1, 4294967295] }
after = []
before = ["graze"]
on = { removed = "test:M" }
[[system.query]]
columns = [ ]
with = []
without = ["test:M"]
changed = []
added = []

"#;
        assert_eq!(str::from_utf8(&SLEEP_TEXT).unwrap(), expected);
    }

    #[test]
    fn parameters_are_numbered_among_those_of_their_kind() {
        let indices: Vec<u32> =
            (0..PARAMETERS.len()).map(|position| parameter_index(PARAMETERS, position)).collect();
        assert_eq!(indices, [0, 0, 0, 0, 1, 1, 1]);
    }
}
