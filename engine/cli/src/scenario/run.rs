//! Runs a scenario: a mod in the real engine, in a world of what the interface describes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bevy_app::{App, Startup};
use bevy_ecs::entity::Entity;
use bevy_ecs::message::Messages;
use tinkerbox::{
    EventListener, Interface, ModReport, ModReportKind, ModStats, ModTime, ModdingPlugin, Mods, StandIn, Val,
};
use tinkerbox_interface::{Function, Number, SharedType, Type};
use toml::{Table, Value};

use super::compare::{Key, Mismatches, below};
use super::file::{Count, Event, Expect, ExpectedEntity, Scenario, Step};
use super::values::{Names, decode, encode};

/// A mod in a folder of mods, and what it is run with.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The folder that has the mod's folder.
    pub folder: &'a Path,
    /// The mod's id.
    pub id: &'a str,
    /// What the game exposes.
    pub interface: &'a Interface,
}

/// Runs a scenario. Returns what is not as expected.
///
/// # Errors
/// The mod can't be loaded, or the scenario names what is not there: in words.
pub fn run(subject: Subject<'_>, scenario: &Scenario) -> Result<Mismatches, String> {
    let seconds = scenario.seconds_per_tick;
    if !(seconds.is_finite() && seconds >= 0.0) {
        return Err(format!("seconds_per_tick is {seconds}, and has to be a number from 0"));
    }
    let mut stage = Stage::new(subject, scenario)?;
    let mut mismatches = Mismatches::default();
    for (at, step) in scenario.steps.iter().enumerate() {
        let in_step = |why: String, before: &Mismatches| format!("step {}: {why}{before}", at + 1);
        stage.prepare(step).map_err(|why| in_step(why, &mismatches))?;
        let seen = stage.play(step);
        let place = [Key::Name("step".to_owned()), Key::At(at)];
        let before = mismatches.0.len();
        let compared = stage.compare(&place, step, &seen, &mut mismatches);
        compared.map_err(|why| in_step(why, &mismatches))?;
        for mismatch in &mut mismatches.0[before..] {
            mismatch.what = format!("step {}, after tick {}: {}", at + 1, stage.ticks, mismatch.what);
        }
    }
    Ok(mismatches)
}

/// The world of a scenario, with the mod in it.
struct Stage<'a> {
    app: App,
    game: StandIn,
    subject: Subject<'a>,
    names: Names,
    entities: BTreeMap<String, Entity>,
    listener: EventListener,
    mod_entity: Entity,
    seconds_per_tick: f32,
    ticks: u64,
}

/// What was seen during a step.
#[derive(Default)]
struct Seen {
    logs: Vec<String>,
    faults: Vec<String>,
    events: Vec<(String, Vec<u8>)>,
    /// The most fuel of a tick.
    fuel: u64,
}

impl<'a> Stage<'a> {
    fn new(subject: Subject<'a>, scenario: &Scenario) -> Result<Stage<'a>, String> {
        let mut app = App::new();
        let answers = Answers::new(subject.interface, &scenario.functions)?;
        let game = StandIn::new(app.world_mut(), subject.interface, move |id, _| answers.next(id));
        let plugin = ModdingPlugin::new(subject.folder)
            .wait_for_mods(true)
            .watch(false)
            .threads(1)
            .seed(scenario.seed);
        app.add_plugins(plugin);
        let listener = game.listener(app.world());
        let mut stage = Stage {
            app,
            game,
            subject,
            names: Names::default(),
            entities: BTreeMap::new(),
            listener,
            mod_entity: Entity::PLACEHOLDER,
            seconds_per_tick: scenario.seconds_per_tick,
            ticks: 0,
        };
        stage.set_resources(&scenario.resources)?;
        stage.spawn(scenario)?;
        stage.load()?;
        Ok(stage)
    }

    /// Spawns the entities: all of them before their components, which may name any of them.
    fn spawn(&mut self, scenario: &Scenario) -> Result<(), String> {
        let mut spawned = Vec::new();
        for entity in &scenario.entities {
            let id = self.game.spawn(self.app.world_mut(), &[])?;
            if let Some(name) = &entity.name {
                if self.entities.insert(name.clone(), id).is_some() {
                    return Err(format!("two entities are called \"{name}\""));
                }
                self.names.add(name, id.to_bits());
            }
            spawned.push(id);
        }
        for (entity, id) in scenario.entities.iter().zip(spawned) {
            let mut components = Table::new();
            if let Some(kind) = &entity.kind {
                let kinds = &self.subject.interface.entities;
                let known = kinds.iter().find(|known| known.name == *kind).ok_or_else(|| {
                    let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
                    format!("the game has no kind of entity \"{kind}\"; it has: {}", known.join(", "))
                })?;
                let empty = |id: &String| (id.clone(), Value::Table(Table::new()));
                components.extend(known.components.iter().map(empty));
            }
            for (name, value) in &entity.components {
                components.insert(self.component(name)?.id.clone(), value.clone());
            }
            self.insert(id, &components)?;
        }
        Ok(())
    }

    fn load(&mut self) -> Result<(), String> {
        self.app.finish();
        self.app.cleanup();
        self.app.world_mut().run_schedule(Startup);
        let reports = self.take_reports();
        let refused = reports.iter().find(|report| report.kind == ModReportKind::Refused);
        if let Some(refused) = refused {
            return Err(format!("the mod is not loaded: {}", refused.text));
        }
        let found = self.app.world().resource::<Mods>().entity(self.subject.id);
        self.mod_entity = found.ok_or("the mod is not loaded")?;
        Ok(())
    }

    fn take_reports(&mut self) -> Vec<ModReport> {
        self.app.world_mut().resource_mut::<Messages<ModReport>>().drain().collect()
    }

    /// Does what a step does before its ticks.
    fn prepare(&mut self, step: &Step) -> Result<(), String> {
        for set in &step.set {
            let entity = self.entity(&set.entity)?;
            self.insert(entity, &set.components)?;
        }
        self.set_resources(&step.resources)?;
        for name in &step.despawn {
            let entity = self.entity(name)?;
            if !self.app.world_mut().despawn(entity) {
                return Err(format!("\"{name}\" is despawned already"));
            }
        }
        for Event { event, value } in &step.send {
            let (id, bytes) = self.event(event, value)?;
            self.game.send(self.app.world_mut(), &id, &bytes)?;
        }
        // Those are not the mod's.
        self.listener.read(self.app.world());
        Ok(())
    }

    /// Runs the ticks of a step.
    fn play(&mut self, step: &Step) -> Seen {
        let mut seen = Seen::default();
        for _ in 0..step.ticks {
            self.app.world_mut().resource_mut::<ModTime>().advance(self.seconds_per_tick);
            self.app.update();
            self.ticks += 1;
            for report in self.take_reports() {
                match report.kind {
                    ModReportKind::Log(_) => seen.logs.push(report.text),
                    ModReportKind::Faulted | ModReportKind::Quarantined => seen.faults.push(report.text),
                    _ => {}
                }
            }
            let stats = self.app.world().get::<ModStats>(self.mod_entity);
            seen.fuel = seen.fuel.max(stats.map_or(0, |stats| stats.fuel_used));
            seen.events.extend(self.listener.read(self.app.world()));
        }
        seen
    }

    fn compare(
        &self,
        place: &[Key],
        step: &Step,
        seen: &Seen,
        mismatches: &mut Mismatches,
    ) -> Result<(), String> {
        if let Some(most) = step.max_fuel.filter(|most| seen.fuel > *most) {
            // A limit stays a limit: it is the author's to decide what the mod may use.
            let place = below(place, Key::Name("max_fuel".to_owned()));
            let (most, found) = (format!("at most {most}"), seen.fuel.to_string());
            mismatches.add(&place, "the most fuel of a tick", most, found, None);
        }
        let place = below(place, Key::Name("expect".to_owned()));
        let inside = |name: &str| below(&place, Key::Name(name.to_owned()));
        let Expect { entities, counts, resources, events, logs, faults } = &step.expect;
        for (at, expected) in entities.iter().enumerate() {
            self.compare_entity(&below(&inside("entities"), Key::At(at)), expected, mismatches)?;
        }
        for (at, Count { with, is }) in counts.iter().enumerate() {
            if with.is_empty() {
                return Err("an entry of `counts` names no component in `with`".to_owned());
            }
            let ids: Vec<&str> = with
                .iter()
                .map(|name| Ok(self.component(name)?.id.as_str()))
                .collect::<Result<_, String>>()?;
            let count = self.game.entities(self.app.world(), &ids).len();
            let place = below(&below(&inside("counts"), Key::At(at)), Key::Name("is".to_owned()));
            let what = format!("the number of entities with {}", with.join(", "));
            mismatches.compare(&place, &what, is, &Value::Integer(count as i64));
        }
        for (name, expected) in resources {
            let ty = self.resource(name)?;
            let place = below(&inside("resources"), Key::Name(name.clone()));
            match self.game.resource(self.app.world(), &ty.id) {
                Some(bytes) => {
                    mismatches.compare(&place, name, expected, &decode(&self.layout(ty), &bytes, &self.names))
                }
                None => mismatches.add(&place, name, expected.to_string(), "not there".to_owned(), None),
            }
        }
        if let Some(expected) = events {
            self.compare_events(&inside("events"), expected, &seen.events, mismatches)?;
        }
        compare_texts(&inside("logs"), "message", logs, &seen.logs, mismatches);
        compare_texts(&inside("faults"), "fault", faults, &seen.faults, mismatches);
        if faults.len() < seen.faults.len() {
            let found =
                format!("{}:\n    {}", seen.faults.len(), seen.faults.join("\n").replace('\n', "\n    "));
            mismatches.add(&inside("faults"), "the number of faults", faults.len().to_string(), found, None);
        }
        Ok(())
    }

    fn compare_entity(
        &self,
        place: &[Key],
        expected: &ExpectedEntity,
        mismatches: &mut Mismatches,
    ) -> Result<(), String> {
        let ExpectedEntity { name, exists, components, lacks } = expected;
        let entity = self.entity(name)?;
        let expects_more = !components.is_empty() || !lacks.is_empty();
        if expects_more && !exists {
            return Err(format!(
                "\"{name}\" is expected to be gone, and to have or lack components: remove one of these"
            ));
        }
        let is_there = self.app.world().get_entity(entity).is_ok();
        if is_there != *exists {
            let words = |it: bool| if it { "there".to_owned() } else { "gone".to_owned() };
            let place = below(place, Key::Name("exists".to_owned()));
            mismatches.add(&place, name, words(*exists), words(is_there), Some(Value::Boolean(is_there)));
        }
        if !is_there {
            return Ok(());
        }
        let place = below(place, Key::Name("components".to_owned()));
        for (component, expected) in components {
            let ty = self.component(component)?;
            let (place, what) = (below(&place, Key::Name(component.clone())), format!("{name}: {component}"));
            match self.game.component(self.app.world(), entity, &ty.id) {
                Some(bytes) => mismatches.compare(
                    &place,
                    &what,
                    expected,
                    &decode(&self.layout(ty), &bytes, &self.names),
                ),
                None => mismatches.add(&place, &what, expected.to_string(), "not there".to_owned(), None),
            }
        }
        for component in lacks {
            let ty = self.component(component)?;
            if let Some(bytes) = self.game.component(self.app.world(), entity, &ty.id) {
                let found = decode(&self.layout(ty), &bytes, &self.names).to_string();
                mismatches.add(&place, &format!("{name}: {component}"), "none".to_owned(), found, None);
            }
        }
        Ok(())
    }

    fn compare_events(
        &self,
        place: &[Key],
        expected: &[Event],
        sent: &[(String, Vec<u8>)],
        mismatches: &mut Mismatches,
    ) -> Result<(), String> {
        let mut found = Vec::new();
        for (id, bytes) in sent {
            let ty =
                self.subject.interface.shared(id).ok_or_else(|| format!("the event `{id}` is not known"))?;
            let name = short_name(id);
            let fields = [
                ("event".to_owned(), Value::String(name.to_owned())),
                ("value".to_owned(), decode(&self.layout(ty), bytes, &self.names)),
            ];
            found.push(Value::Table(fields.into_iter().collect()));
        }
        let mut wanted = Vec::new();
        for Event { event, value } in expected {
            let id = &find(&self.subject.interface.events, "event", event)?.id;
            let name = short_name(id).to_owned();
            let fields = [("event".to_owned(), Value::String(name)), ("value".to_owned(), value.clone())];
            wanted.push(Value::Table(fields.into_iter().collect()));
        }
        mismatches.compare(place, "what it sent", &Value::Array(wanted), &Value::Array(found));
        Ok(())
    }

    fn insert(&mut self, entity: Entity, components: &Table) -> Result<(), String> {
        let mut parts = Vec::new();
        for (name, value) in components {
            let ty = self.component(name)?;
            let bytes = encode(&self.layout(ty), value, &self.names);
            parts.push((ty.id.clone(), bytes.map_err(|why| format!("{name}: {why}"))?));
        }
        let parts: Vec<(&str, &[u8])> =
            parts.iter().map(|(id, bytes)| (id.as_str(), bytes.as_slice())).collect();
        self.game.insert(self.app.world_mut(), entity, &parts)
    }

    fn set_resources(&mut self, resources: &Table) -> Result<(), String> {
        for (name, value) in resources {
            let ty = self.resource(name)?;
            let bytes =
                encode(&self.layout(ty), value, &self.names).map_err(|why| format!("{name}: {why}"))?;
            let id = ty.id.clone();
            self.game.set_resource(self.app.world_mut(), &id, &bytes)?;
        }
        Ok(())
    }

    fn event(&self, name: &str, value: &Value) -> Result<(String, Vec<u8>), String> {
        let ty = find(&self.subject.interface.events, "event", name)?;
        let bytes = encode(&self.layout(ty), value, &self.names).map_err(|why| format!("{name}: {why}"))?;
        Ok((ty.id.clone(), bytes))
    }

    fn entity(&self, name: &str) -> Result<Entity, String> {
        self.names.id(name)?;
        self.entities.get(name).copied().ok_or_else(|| format!("no entity is called \"{name}\""))
    }

    fn component(&self, name: &str) -> Result<&'a SharedType, String> {
        find(&self.subject.interface.components, "component", name)
    }

    fn resource(&self, name: &str) -> Result<&'a SharedType, String> {
        find(&self.subject.interface.resources, "resource", name)
    }

    fn layout(&self, ty: &SharedType) -> Type {
        self.subject.interface.layout(ty)
    }
}

/// The part of an id after the game.
fn short_name(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}

/// The type with this id, or with this name after the game's.
fn find<'a>(types: &'a [SharedType], what: &str, name: &str) -> Result<&'a SharedType, String> {
    let is_it = |ty: &&SharedType| ty.id == name || short_name(&ty.id) == name;
    types.iter().find(is_it).ok_or_else(|| {
        let known: Vec<&str> = types.iter().map(|ty| ty.id.as_str()).collect();
        format!("the game has no {what} `{name}`; it has: {}", known.join(", "))
    })
}

/// Checks that each text stands in what was seen.
fn compare_texts(
    place: &[Key],
    what: &str,
    expected: &[String],
    seen: &[String],
    mismatches: &mut Mismatches,
) {
    for (at, text) in expected.iter().enumerate() {
        if !seen.iter().any(|seen| seen.contains(text.as_str())) {
            let found = match seen {
                [] => "not there, and there is none".to_owned(),
                seen => format!("not there; there are:\n    {}", seen.join("\n").replace('\n', "\n    ")),
            };
            mismatches.add(
                &below(place, Key::At(at)),
                &format!("a {what}"),
                format!("\"{text}\" in it"),
                found,
                None,
            );
        }
    }
}

/// What the game's functions answer.
struct Answers {
    functions: BTreeMap<String, (Function, Vec<Value>)>,
    calls: Mutex<BTreeMap<String, usize>>,
}

impl Answers {
    fn new(interface: &Interface, given: &Table) -> Result<Answers, String> {
        let is_known =
            |name: &String| interface.functions.iter().any(|it| it.id == *name || short_name(&it.id) == name);
        if let Some(unknown) = given.keys().find(|name| !is_known(name)) {
            let known: Vec<&str> = interface.functions.iter().map(|it| it.id.as_str()).collect();
            return Err(format!("the game has no function `{unknown}`; it has: {}", known.join(", ")));
        }
        let functions = interface.functions.iter().map(|function| {
            let answers = given.get(&function.id).or_else(|| given.get(short_name(&function.id)));
            let answers = match answers {
                None => Vec::new(),
                Some(Value::Array(answers)) => answers.clone(),
                Some(answer) => vec![answer.clone()],
            };
            (function.id.clone(), (function.clone(), answers))
        });
        Ok(Answers { functions: functions.collect(), calls: Mutex::default() })
    }

    /// The next answer; the last one is given again and again.
    fn next(&self, id: &str) -> anyhow::Result<Val> {
        let Some((function, answers)) = self.functions.get(id) else { anyhow::bail!("`{id}` is not known") };
        let Some(result) = function.result else { return Ok(Val::I32(0)) };
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = calls.entry(id.to_owned()).or_default();
        let answer = answers.get(*call).or(answers.last());
        *call += 1;
        let answer = answer.ok_or_else(|| {
            anyhow::format_err!("the scenario does not say what `{id}` answers: add it under [functions]")
        })?;
        let wrong =
            || anyhow::format_err!("the scenario lets `{id}` answer {answer}, and it returns a {result}");
        match (result, answer) {
            (Number::F32, Value::Float(value)) => Ok(Val::from(*value as f32)),
            (Number::F64, Value::Float(value)) => Ok(Val::from(*value)),
            (Number::F32, Value::Integer(value)) => Ok(Val::from(*value as f32)),
            (Number::F64, Value::Integer(value)) => Ok(Val::from(*value as f64)),
            (Number::I64 | Number::U64, Value::Integer(value)) => Ok(Val::I64(*value)),
            (Number::I32, Value::Integer(value)) => Ok(Val::I32(i32::try_from(*value).map_err(|_| wrong())?)),
            (Number::U32, Value::Integer(value)) => {
                Ok(Val::I32(u32::try_from(*value).map_err(|_| wrong())?.cast_signed()))
            }
            _ => Err(wrong()),
        }
    }
}
