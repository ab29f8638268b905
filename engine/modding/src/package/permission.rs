//! Checks the schema against the manifest's permissions, and both against what the game exposes.
//!
//! All missing permissions are named at once. The result is in `access.rs`.

use std::collections::BTreeSet;
use std::path::Path;

use tinkerbox_abi::ENTITY;
use tinkerbox_columns::FlatComponent;
use tinkerbox_interface::{Type, differences};
use tinkerbox_wasm::Declarations;

use super::access::{Column, Handled, QueryPlan, ResourcePlan, Rights, System};
use super::contract::FunctionTypes;
use super::lacking::Lacking;
use super::manifest::Permissions;
use super::refusal::Refusal;
use super::schema::{
    AccessMode, ColumnDeclaration, EventDeclaration, QueryDeclaration, ResourceDeclaration, Schema,
    SystemDeclaration, Trigger,
};
use crate::exposed::event::ExposedEvent;
use crate::exposed::rule::Wish;
use crate::exposed::{Exposed, ExposedType};
use crate::limits::DIFFERENCES_SHOWN_MAX;
use crate::schedule::batches::SystemAccess;
use crate::text::{cut, list};

/// Resolves the permissions to what is exposed.
pub(crate) fn rights(
    file: &Path,
    mod_id: &str,
    permissions: &Permissions,
    exposed: &Exposed,
) -> Result<Rights, Refusal> {
    check_rules(file, mod_id, permissions, exposed)?;
    let Permissions { read, write, events, send, functions, spawn, despawn } = permissions;
    let data = |id: &String| {
        exposed
            .component(id)
            .or_else(|| exposed.resource(id))
            .map(|exposed| exposed.id)
            .ok_or_else(|| id.clone())
    };
    let event = |id: &String| exposed.event(id).map(|event| event.id).ok_or_else(|| id.clone());
    let known = |ids: &mut dyn Iterator<Item = &String>,
                 find: &dyn Fn(&String) -> Result<&'static str, String>| {
        let (known, unknown): (Vec<_>, Vec<_>) = ids.map(find).partition(Result::is_ok);
        let unknown: BTreeSet<String> = unknown.into_iter().filter_map(Result::err).collect();
        match unknown.is_empty() {
            true => Ok(known.into_iter().filter_map(Result::ok).collect::<BTreeSet<_>>()),
            false => {
                let first = unknown.first().cloned().unwrap_or_default();
                let problem =
                    format!("[permissions] names what this game does not expose: {}", list(unknown));
                Err((problem, first))
            }
        }
    };
    let data_problem = |(problem, id): (_, String)| not_exposed(file, problem, exposed).differs_in(&id);
    let event_problem = |(problem, id): (_, String)| no_such_event(file, problem, exposed).differs_in(&id);
    let readable = known(&mut read.iter().chain(write), &data).map_err(data_problem)?;
    let mut rights = Rights {
        read: readable,
        write: known(&mut write.iter(), &data).map_err(data_problem)?,
        events: known(&mut events.iter(), &event).map_err(event_problem)?,
        send: known(&mut send.iter(), &event).map_err(event_problem)?,
        functions: functions.iter().cloned().collect(),
        spawn: *spawn,
        despawn: *despawn,
        ..Rights::default()
    };
    let known: BTreeSet<String> = exposed.functions().map(|(id, _)| id.to_string()).collect();
    let unknown: Vec<_> = rights.functions.difference(&known).collect();
    if !unknown.is_empty() {
        let problem =
            format!("[permissions] names functions that this game does not have: {}", list(&unknown));
        let refusal = Refusal::new(file, problem, format!("This game has {}.", list(&known)));
        return Err(refusal.differs_in(unknown[0]));
    }
    rights.look_up_components(exposed);
    Ok(rights)
}

/// Checks the permissions against what the game allows of what it exposes.
fn check_rules(
    file: &Path,
    mod_id: &str,
    permissions: &Permissions,
    exposed: &Exposed,
) -> Result<(), Refusal> {
    let Permissions { read, write, events, send, functions, .. } = permissions;
    let wishes = [
        ("read", read, Wish::Read),
        ("write", write, Wish::Write),
        ("events", events, Wish::Hear),
        ("send", send, Wish::Send),
        ("functions", functions, Wish::Call),
    ];
    let problems = wishes.into_iter().flat_map(|(key, ids, wish)| {
        let rules = exposed.rules();
        ids.iter().filter_map(move |id| {
            Some(format!("`{}` under `{key}`, {}", cut(id), rules.problem(mod_id, id, wish)?))
        })
    });
    let problems: Vec<String> = problems.collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(
            file,
            format!("[permissions] has {}", problems.join("; ")),
            "Remove it there, and do without it in the code.",
        )),
    }
}

/// Checks that the mod may call all functions of the game that it imports. Returns whether it imports any.
pub(crate) fn functions(
    manifest_file: &Path,
    declarations: &Declarations<'_>,
    rights: &Rights,
    known: &FunctionTypes,
) -> Result<bool, Refusal> {
    let imported: BTreeSet<String> = declarations
        .imports()
        .filter(|import| known.contains_key(&(import.module().to_owned(), import.name().to_owned())))
        .map(|import| format!("{}:{}", import.module(), import.name()))
        .collect();
    let functions: BTreeSet<String> = imported.difference(&rights.functions).cloned().collect();
    match functions.is_empty() {
        true => Ok(!imported.is_empty()),
        false => Err(Refusal::new(
            manifest_file,
            format!("[permissions] lacks functions that the mod imports: {}", list(&functions)),
            format!("{}, or do without.", Lacking { functions, ..Lacking::default() }.advice(rights)),
        )),
    }
}

/// What the systems of a mod may name.
#[derive(Clone, Copy)]
pub(crate) struct Nameable<'a> {
    pub mod_id: &'a str,
    pub rights: &'a Rights,
    pub exposed: &'a Exposed,
    /// The mod imports functions of the game, which may do anything.
    pub calls_the_game: bool,
}

/// Resolves the schema's names, and checks each against the permissions and the game's own layout.
pub(crate) fn systems(
    manifest_file: &Path,
    schema: Schema<'_>,
    Nameable { mod_id, rights, exposed, calls_the_game }: Nameable<'_>,
) -> Result<Vec<System>, Refusal> {
    let mut lacking = Lacking::default();
    let mut systems = Vec::new();
    for declared in schema.systems {
        let of = format!("system `{}`", declared.name);
        let mut resolver = Resolver { file: schema.file, mod_id, of, rights, exposed, lacking: &mut lacking };
        systems.push(resolver.system(declared, calls_the_game)?);
    }
    match lacking.is_empty() {
        true => Ok(systems),
        false => Err(Refusal::new(
            manifest_file,
            format!("[permissions] lacks what the mod's systems do: {}", list(lacking.words())),
            format!("{}, or take it out of the systems.", lacking.advice(rights)),
        )),
    }
}

/// Resolves the names in the schema of one system.
struct Resolver<'a> {
    file: &'a Path,
    mod_id: &'a str,
    of: String,
    rights: &'a Rights,
    exposed: &'a Exposed,
    lacking: &'a mut Lacking,
}

impl Resolver<'_> {
    fn system(&mut self, declared: SystemDeclaration, calls_the_game: bool) -> Result<System, Refusal> {
        let handles = declared.on.as_ref().map(|on| self.handled(on)).transpose()?;
        let queries: Vec<_> =
            declared.queries.iter().map(|query| self.query(query)).collect::<Result<_, _>>()?;
        let resources: Vec<_> =
            declared.resources.iter().map(|resource| self.resource(resource)).collect::<Result<_, _>>()?;
        let sends: Vec<_> =
            declared.sends.iter().map(|event| self.event(event, "send")).collect::<Result<_, _>>()?;
        let mut access = SystemAccess {
            reads_all: calls_the_game,
            changes_structure: calls_the_game || declared.commands,
            ..SystemAccess::default()
        };
        for query in &queries {
            let news = query.terms.changed.iter().chain(&query.terms.added);
            access.reads.extend(news.map(FlatComponent::id));
            for column in &query.columns {
                if let Column::Value { component, is_written, .. } = column {
                    let set = if *is_written { &mut access.writes } else { &mut access.reads };
                    set.insert(component.id());
                }
            }
        }
        for ResourcePlan { resource, is_written } in &resources {
            let set = if *is_written { &mut access.writes } else { &mut access.reads };
            set.insert(resource.id());
        }
        Ok(System {
            name: declared.name,
            after: declared.after,
            before: declared.before,
            handles,
            queries,
            resources,
            sends,
            has_commands: declared.commands,
            access,
        })
    }

    fn handled(&mut self, trigger: &Trigger) -> Result<Handled, Refusal> {
        match trigger {
            Trigger::Event(event) => Ok(Handled::Event(self.event(event, "listen to")?)),
            Trigger::Lifecycle(what, id) => {
                let component = self.component(id)?;
                self.needs_to_read(component.id);
                Ok(Handled::Lifecycle(*what, component))
            }
        }
    }

    fn query(&mut self, query: &QueryDeclaration) -> Result<QueryPlan, Refusal> {
        let mut plan = QueryPlan::default();
        for declared in &query.columns {
            if declared.component == ENTITY {
                plan.columns.push(Column::Entity);
                continue;
            }
            let component = self.column(declared)?;
            let optional = declared.optional.then_some(plan.terms.optional.len());
            match optional {
                Some(_) => plan.terms.optional.push(component.flat),
                None => plan.terms.all.push(component.flat),
            }
            let is_written = declared.access == AccessMode::Write;
            if is_written {
                self.check_is_written_once(&plan, &component)?;
            }
            plan.columns.push(Column::Value { component: component.flat, is_written, optional });
        }
        for (ids, components) in [
            (&query.with, &mut plan.terms.all),
            (&query.without, &mut plan.terms.none),
            (&query.changed, &mut plan.terms.changed),
            (&query.added, &mut plan.terms.added),
        ] {
            for id in ids {
                let component = self.component(id)?;
                self.needs_to_read(component.id);
                components.push(component.flat);
            }
        }
        Ok(plan)
    }

    /// A row has one value of a component, so which of two columns wins could not be seen from the query.
    fn check_is_written_once(&self, plan: &QueryPlan, exposed: &ExposedType) -> Result<(), Refusal> {
        let is_same = |column: &&Column| match column {
            Column::Value { component, is_written, .. } => *is_written && component.id() == exposed.flat.id(),
            Column::Entity => false,
        };
        let Some(Column::Value { component, .. }) = plan.columns.iter().find(is_same) else { return Ok(()) };
        let (one, other) = (self.exposed.id_of(component), exposed.id);
        let problem = match one == other {
            true => format!("{} writes `{one}` in two columns of one query", self.of),
            false => {
                format!(
                    "{} writes `{one}` and `{other}` in one query, which are one component of this game",
                    self.of
                )
            }
        };
        Err(Refusal::new(
            self.file,
            problem,
            "Write one of them, and ask for the other with access = \"read\".",
        ))
    }

    fn column(&mut self, declared: &ColumnDeclaration) -> Result<ExposedType, Refusal> {
        let component = self.component(&declared.component)?;
        self.check_layout(component.id, component.layout, &declared.layout)?;
        self.check_access(&component, declared.access)?;
        Ok(component)
    }

    fn resource(&mut self, declared: &ResourceDeclaration) -> Result<ResourcePlan, Refusal> {
        let Some(resource) = self.exposed.resource(&declared.resource).copied() else {
            let problem = format!(
                "{} asks for the resource `{}`, which this game does not expose",
                self.of, declared.resource
            );
            return Err(not_exposed(self.file, problem, self.exposed).differs_in(&declared.resource));
        };
        self.check_layout(resource.id, resource.layout, &declared.layout)?;
        self.check_access(&resource, declared.access)?;
        Ok(ResourcePlan { resource: resource.flat, is_written: declared.access == AccessMode::Write })
    }

    fn event(&mut self, declared: &EventDeclaration, what: &str) -> Result<ExposedEvent, Refusal> {
        let Some(event) = self.exposed.event(&declared.event).copied() else {
            let problem = format!(
                "{} wants to {what} `{}`, which is not an event of this game",
                self.of, declared.event
            );
            return Err(no_such_event(self.file, problem, self.exposed).differs_in(&declared.event));
        };
        self.check_layout(event.id, event.layout, &declared.layout)?;
        self.check_rule(event.id, if what == "send" { Wish::Send } else { Wish::Hear })?;
        let (allowed, lacking) = match what {
            "send" => (&self.rights.send, &mut self.lacking.send),
            _ => (&self.rights.events, &mut self.lacking.events),
        };
        needs(allowed, lacking, event.id);
        Ok(event)
    }

    fn component(&self, id: &str) -> Result<ExposedType, Refusal> {
        self.exposed.component(id).copied().ok_or_else(|| {
            let problem = format!("{} asks for `{}`, which this game does not expose", self.of, cut(id));
            not_exposed(self.file, problem, self.exposed).differs_in(id)
        })
    }

    fn needs_to_read(&mut self, id: &str) {
        needs(&self.rights.read, &mut self.lacking.read, id);
    }

    /// Checks what the game allows of it. To ask for the permission would not help.
    fn check_rule(&self, id: &str, wish: Wish) -> Result<(), Refusal> {
        let Some(problem) = self.exposed.rules().problem(self.mod_id, id, wish) else { return Ok(()) };
        let verb = match wish {
            Wish::Read => "reads",
            Wish::Write => "writes",
            Wish::Hear => "handles",
            Wish::Send => "sends",
            Wish::Call => "calls",
        };
        let problem = format!("{} {verb} `{id}`, {problem}", self.of);
        Err(Refusal::new(self.file, problem, "Do without it in the code."))
    }

    fn check_access(&mut self, exposed: &ExposedType, access: AccessMode) -> Result<(), Refusal> {
        self.check_rule(exposed.id, if access == AccessMode::Write { Wish::Write } else { Wish::Read })?;
        match access {
            AccessMode::Read => self.needs_to_read(exposed.id),
            AccessMode::Write => needs(&self.rights.write, &mut self.lacking.write, exposed.id),
        }
        match access == AccessMode::Write && !exposed.flat.is_mutable() {
            false => Ok(()),
            true => Err(Refusal::new(
                self.file,
                format!("{} writes `{}`, which is immutable in this game", self.of, exposed.id),
                "Ask for it with access = \"read\" (a shared reference).",
            )),
        }
    }

    fn check_layout(&self, id: &str, ours: &str, theirs: &str) -> Result<(), Refusal> {
        let Some(what) = difference(ours, theirs) else { return Ok(()) };
        Err(Refusal::new(
            self.file,
            format!("{} was built for another `{id}`: {what}", self.of),
            "Build the mod with the game's version of the shared types.",
        )
        .differs_in(id))
    }
}

fn needs(allowed: &BTreeSet<&'static str>, lacking: &mut BTreeSet<String>, id: &str) {
    if !allowed.contains(id) {
        lacking.insert(id.to_owned());
    }
}

/// In what the mod's layout of a type differs from the game's, field by field; `None` if they mean the same.
fn difference(ours: &str, theirs: &str) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let ours = match Type::parse(ours) {
        Ok(ours) => ours,
        Err(error) => return Some(format!("the game's own layout can't be read: {error}")),
    };
    let theirs = match Type::parse(theirs) {
        Ok(theirs) => theirs,
        Err(error) => return Some(format!("the mod's layout is \"{}\": {error}", cut(theirs))),
    };
    let all = differences(&ours, &theirs);
    let shown: Vec<String> = all.iter().take(DIFFERENCES_SHOWN_MAX).map(|it| cut(&it.to_string())).collect();
    let more = match all.len() - shown.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    (!all.is_empty()).then(|| format!("{}{more}", shown.join("; ")))
}

fn not_exposed(file: &Path, problem: String, exposed: &Exposed) -> Refusal {
    Refusal::new(file, problem, format!("This game exposes {}.", list(exposed.data_ids())))
}

fn no_such_event(file: &Path, problem: String, exposed: &Exposed) -> Refusal {
    Refusal::new(file, problem, format!("The events of this game are {}.", list(exposed.event_ids())))
}
