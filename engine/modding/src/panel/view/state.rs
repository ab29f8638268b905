//! The panel's state, which a game may read and change.

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bevy_input::keyboard::KeyCode;
use tinkerbox_abi::LogLevel;

use super::layout::Nodes;
use super::pointer::Wheel;
use super::style::PANEL_WIDTH;
use crate::exposed::time::ModTime;
use crate::game::report::ModReportKind;
use crate::panel::model::PanelModel;
use crate::panel::model::action::ModAction;
use crate::panel::model::looking::{PanelSizes, PanelView};
use crate::panel::model::row::ModRow;

/// The panel about mods, as a game may control it.
#[derive(Resource)]
pub struct ModPanel {
    /// What has happened, and the fuel that was used.
    pub model: PanelModel,
    /// What the player looks at.
    pub view: PanelView,
    pub(super) key: Option<KeyCode>,
    first: Vec<String>,
    /// The mods, as they were when they were last drawn.
    pub(super) rows: Vec<ModRow>,
    pub(super) sizes: PanelSizes,
    pub(super) nodes: Option<Nodes>,
    pub(super) has_pointer: bool,
    pub(super) wheel: Wheel,
}

impl ModPanel {
    /// How much of the window it covers at the right, in logical pixels, if the window is that wide.
    pub const WIDTH: f32 = PANEL_WIDTH;

    pub(super) fn new(key: Option<KeyCode>, first: Vec<String>) -> ModPanel {
        ModPanel {
            model: PanelModel::default(),
            view: PanelView::default(),
            key,
            first,
            rows: Vec::new(),
            sizes: PanelSizes::default(),
            nodes: None,
            has_pointer: false,
            wheel: Wheel::default(),
        }
    }

    /// Shows or hides the panel.
    pub fn open(&mut self, open: bool) {
        self.view.is_open = open;
    }

    /// Whether the mouse is over the panel. Its clicks are not for the game then.
    pub fn has_pointer(&self) -> bool {
        self.has_pointer
    }

    /// The mods as they are shown, in the order of the list; while the panel is hidden, as they were.
    pub fn rows(&self) -> &[ModRow] {
        &self.rows
    }

    /// The mod that is chosen, if there are any.
    pub fn chosen(&self) -> Option<&ModRow> {
        self.rows.get(self.view.chosen(&self.rows)?)
    }

    /// The nodes that are the bars of the chosen mod's fuel, from old to new, once the panel was open.
    pub fn bars(&self) -> &[Entity] {
        self.nodes.as_ref().map_or(&[], |nodes| &nodes.bars)
    }

    /// Chooses the mod that is `steps` below the chosen one, or above if it is negative.
    pub fn step(&mut self, steps: isize) {
        self.view.step(&self.rows, steps, self.sizes.mods.1);
    }

    /// Shows the lines of the log about the chosen mod alone, or those about all mods again.
    pub fn toggle_only(&mut self) {
        if let Some(id) = self.chosen().map(|row| row.id.clone()) {
            self.view.toggle_only(&id);
        }
    }

    /// Does something to the chosen mod, or says in the log why that would do nothing.
    pub fn act(&mut self, action: ModAction, world: &mut World) {
        let Some(row) = self.chosen() else { return };
        let Some(why) = action.hindrance(row) else { return action.request(row, world) };
        let (id, text) = (row.id.clone(), format!("`{}` does nothing: {why}", action.label()));
        let tick = world.get_resource::<ModTime>().map_or(0, |time| time.tick);
        self.model.log.note(tick, &id, ModReportKind::Log(LogLevel::Warn), &text);
    }

    /// Reads what has happened, whether the panel is shown or not, and whether mods ran in this frame or not.
    pub(super) fn read(&mut self, world: &mut World) {
        let ModPanel { model, view, first, rows, .. } = self;
        let new = model.read(world);
        view.log_grows(new.iter().filter(|line| view.filter.shows(line)).count());
        if view.is_open {
            *rows = model.rows(world, first);
        }
    }
}
