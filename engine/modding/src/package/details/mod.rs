//! What is in a mod's folder, in words, without a game: for players who wonder, and for authors.

mod permission;

use std::collections::BTreeMap;
use std::path::Path;

use tinkerbox_abi::export::SYSTEM_PREFIX;
use tinkerbox_abi::{ENTITY, SCHEMA_SECTION};
use tinkerbox_wasm::{Declarations, FuelBound};

use crate::package::built_against::{self, NotedInterface};
use crate::package::files;
use crate::package::foreign;
use crate::package::manifest::{self, Caps, Manifest};
use crate::package::refusal::Refusal;
use crate::package::schema::{self, AccessMode, Lifecycle, SystemDeclaration, Trigger};
use crate::text::harmless_name;

pub use permission::Permission;
pub(crate) use permission::asked;

/// What is in a mod's folder.
///
/// All texts are safe to print in a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModDetails {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// The hash of its two files, in hexadecimal digits: the same files have the same hash everywhere.
    pub hash: String,
    /// Bytes of its WebAssembly.
    pub wasm_bytes: u64,
    /// The interfaces that it was built against, as it notes them itself. Bindings note them.
    pub interfaces: Vec<NotedInterface>,
    /// Units of fuel that it asks for in each frame.
    pub fuel: u64,
    /// Bytes of memory that it asks for.
    pub memory_bytes: u64,
    /// What it asks to be allowed.
    pub permissions: Vec<Permission>,
    /// Its systems, in the order in which they run.
    pub systems: Vec<SystemDetails>,
}

/// What a system of a mod does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemDetails {
    /// Its name.
    pub name: String,
    /// The event that it handles, if it is called for events.
    pub handles: Option<String>,
    /// The component of whose additions to entities it is told, if it is called for those.
    pub handles_added: Option<String>,
    /// The component of whose removals it is told, if it is called for those.
    pub handles_removed: Option<String>,
    /// The component of the despawns of whose entities it is told, if it is called for those.
    pub handles_despawned: Option<String>,
    /// Components and resources that it reads.
    pub reads: Vec<String>,
    /// Components and resources that it changes.
    pub writes: Vec<String>,
    /// Events that it sends.
    pub sends: Vec<String>,
    /// Whether it spawns, despawns, inserts or removes.
    pub commands: bool,
    /// The most fuel that a call takes in the mod's own code, where no data decides it; what the game does for it costs fuel
    /// besides. `None` if the mod has no such function.
    pub own_fuel: Option<FuelBound>,
}

/// Reads what is in a mod's folder, and checks what can be checked without a game: the manifest, and that the WebAssembly has a
/// schema and can be read. Nothing of it is run.
///
/// # Errors
/// What is wrong, where, and what to do.
pub fn inspect(folder: &Path) -> Result<ModDetails, String> {
    details(folder).map_err(|refusal| refusal.to_string())
}

fn details(folder: &Path) -> Result<ModDetails, Refusal> {
    let files = files::read(folder)?;
    let caps = Caps::unlimited();
    let manifest = manifest::read(&files.manifest_file, &files.manifest, &caps)?;
    let refusal = |(problem, remedy)| Refusal::new(&files.wasm_file, problem, remedy);
    if let Some(finding) = foreign::file(&files.wasm) {
        return Err(refusal(finding));
    }
    let declarations = Declarations::read(&files.wasm);
    let declarations = declarations.map_err(|error| refusal(foreign::invalid(&files.wasm, &error)))?;
    let sections: Vec<&[u8]> = declarations.custom_sections(SCHEMA_SECTION).collect();
    let Manifest { about, budget, permissions, systems, .. } = manifest;
    let schema = schema::read((&files.manifest_file, systems), (&files.wasm_file, &sections))?;
    let bounds: BTreeMap<&str, FuelBound> =
        declarations.fuel_bounds().map_err(|error| refusal(foreign::invalid(&files.wasm, &error)))?.collect();
    Ok(ModDetails {
        title: about.shown_title(),
        authors: about.shown_authors(),
        id: about.id,
        version: about.version.to_string(),
        hash: files::hash_text(&files.hash),
        wasm_bytes: files.wasm.len() as u64,
        interfaces: built_against::noted(&declarations),
        fuel: budget.fuel,
        memory_bytes: budget.memory_bytes,
        permissions: asked(&permissions, |_| false),
        systems: schema.systems.iter().map(|declared| system(declared, &bounds)).collect(),
    })
}

fn system(declared: &SystemDeclaration, bounds: &BTreeMap<&str, FuelBound>) -> SystemDetails {
    let handles = match &declared.on {
        Some(Trigger::Event(event)) => Some(harmless_name(&event.event)),
        _ => None,
    };
    let handles_lifecycle = |wanted: Lifecycle| match &declared.on {
        Some(Trigger::Lifecycle(what, component)) if *what == wanted => Some(harmless_name(component)),
        _ => None,
    };
    let mut it = SystemDetails {
        name: declared.name.clone(),
        handles,
        handles_added: handles_lifecycle(Lifecycle::Added),
        handles_removed: handles_lifecycle(Lifecycle::Removed),
        handles_despawned: handles_lifecycle(Lifecycle::Despawned),
        sends: declared.sends.iter().map(|send| harmless_name(&send.event)).collect(),
        commands: declared.commands,
        own_fuel: bounds.get(&*format!("{SYSTEM_PREFIX}{}", declared.name)).copied(),
        ..SystemDetails::default()
    };
    let columns = declared.queries.iter().flat_map(|query| &query.columns);
    let columns = columns.filter(|column| column.component != ENTITY);
    let columns = columns.map(|column| (&column.component, column.access));
    let resources = declared.resources.iter().map(|resource| (&resource.resource, resource.access));
    for (id, access) in columns.chain(resources) {
        let list = if access == AccessMode::Write { &mut it.writes } else { &mut it.reads };
        list.push(harmless_name(id));
    }
    for query in &declared.queries {
        let filters = [&query.with, &query.without, &query.changed, &query.added];
        it.reads.extend(filters.into_iter().flatten().map(|id| harmless_name(id)));
    }
    for list in [&mut it.reads, &mut it.writes] {
        list.sort_unstable();
        list.dedup();
    }
    it
}
