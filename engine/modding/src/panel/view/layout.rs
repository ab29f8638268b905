//! The nodes, which are spawned once.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::hierarchy::ChildOf;
use bevy_ecs::name::Name;
use bevy_ecs::world::World;
use bevy_text::{FontSize, Justify, LineBreak, LineHeight, TextColor, TextFont, TextLayout};
use bevy_ui::widget::Text;
use bevy_ui::{
    AlignContent, AlignItems, BackgroundColor, BorderColor, BorderRadius, Display, FlexDirection, FlexWrap,
    GlobalZIndex, JustifyContent, Node, Overflow, PositionType, RelativeCursorPosition, UiRect, Val,
};

use super::style::*;
use crate::panel::model::action::ModAction;

/// All nodes that are drawn to.
pub(super) struct Nodes {
    pub root: Entity,
    pub head: Entity,
    pub key: Entity,
    pub mods: Entity,
    pub mod_rows: Vec<ModNodes>,
    pub title: Entity,
    pub about: Entity,
    pub message: Entity,
    pub bars: Vec<Entity>,
    pub graph_top: Entity,
    /// Each action's button with its label.
    pub actions: Vec<(ModAction, Entity, Entity)>,
    pub asks: Entity,
    pub permissions: Entity,
    pub permission_rows: Vec<Entity>,
    pub level: (Entity, Entity),
    pub only: (Entity, Entity),
    pub log_below: Entity,
    pub log: Entity,
    /// From the newest line to older ones.
    pub log_rows: Vec<Entity>,
}

/// The nodes of a mod in the list.
pub(super) struct ModNodes {
    pub row: Entity,
    pub title: Entity,
    pub state: Entity,
    /// The bar of the fuel that was used.
    pub fuel: Entity,
    pub numbers: Entity,
}

/// What a click on a node asks for.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Click {
    /// Choose the mod in this row of those that are shown.
    Mod(usize),
    /// Do something to the chosen mod.
    Act(ModAction),
    /// Show the next level of the log.
    Level,
    /// Filter the log by the chosen mod.
    Only,
}

/// Spawns the nodes, hidden.
pub(super) fn spawn(world: &mut World) -> Nodes {
    let root = Node {
        display: Display::None,
        position_type: PositionType::Absolute,
        right: Val::Px(0.0),
        top: Val::Px(0.0),
        bottom: Val::Px(0.0),
        width: Val::Px(PANEL_WIDTH),
        max_width: Val::Percent(100.0),
        padding: UiRect::all(Val::Px(10.0)),
        border: UiRect::left(Val::Px(1.0)),
        row_gap: Val::Px(6.0),
        flex_direction: FlexDirection::Column,
        overflow: Overflow::clip(),
        ..Node::default()
    };
    let root = world
        .spawn((
            Name::new("panel about mods"),
            root,
            BackgroundColor(PANEL),
            BorderColor::all(RULE),
            GlobalZIndex(i32::MAX - 1),
            RelativeCursorPosition::default(),
        ))
        .id();

    let line = row(world, root, 20.0);
    let head = label(world, line, Val::Px(450.0), FONT_TITLE);
    let key = label_at_the_right(world, line, 153.0);

    rule(world, root);
    let mods = list(world, root, 4.2);
    let mod_rows = (0..MOD_ROWS).map(|at| mod_row(world, mods, at)).collect();

    rule(world, root);
    let title = line_of_text(world, root, FONT_TITLE);
    let about = line_of_text(world, root, FONT);
    let message = paragraph(world, root, 2.0);
    let (bars, graph_top) = graph(world, root);
    let line = row(world, root, 24.0);
    let actions = ModAction::ALL.map(|action| {
        let (node, text) = button(world, line, Click::Act(action), 84.0);
        (action, node, text)
    });

    let asks = line_of_text(world, root, FONT);
    let permissions = list(world, root, 1.7);
    let permission_rows =
        (0..PERMISSION_ROWS).map(|_| text_row(world, permissions, PERMISSION_HEIGHT, FONT)).collect();

    rule(world, root);
    let line = row(world, root, 24.0);
    let level = button(world, line, Click::Level, 230.0);
    let only = button(world, line, Click::Only, 190.0);
    let log_below = label_at_the_right(world, line, 175.0);
    let log = list(world, root, 4.0);
    // From the newest line at the bottom upwards. A line that does not fit as a whole begins a column of its own, which is
    // beside the list and therefore cut off: no line is shown in part.
    if let Some(mut node) = world.get_mut::<Node>(log) {
        node.flex_direction = FlexDirection::ColumnReverse;
        node.flex_wrap = FlexWrap::Wrap;
        node.align_content = AlignContent::FlexStart;
    }
    let log_rows = (0..LOG_ROWS).map(|_| log_row(world, log)).collect();

    Nodes {
        root,
        head,
        key,
        mods,
        mod_rows,
        title,
        about,
        message,
        bars,
        graph_top,
        actions: actions.to_vec(),
        asks,
        permissions,
        permission_rows,
        level,
        only,
        log_below,
        log,
        log_rows,
    }
}

fn mod_row(world: &mut World, list: Entity, at: usize) -> ModNodes {
    let row = row(world, list, MOD_HEIGHT);
    world.entity_mut(row).insert((Click::Mod(at), RelativeCursorPosition::default(), BackgroundColor(ROW)));
    let title = label(world, row, Val::Px(170.0), FONT);
    let state = label(world, row, Val::Px(190.0), FONT);
    let round = BorderRadius::all(Val::Px(FUEL_HEIGHT / 2.0));
    let bar =
        Node { height: Val::Px(FUEL_HEIGHT), border_radius: round, flex_shrink: 0.0, ..Node::default() };
    let track = Node { width: Val::Px(110.0), ..bar.clone() };
    let track = world.spawn((track, BackgroundColor(TRACK), ChildOf(row))).id();
    let fuel = Node { width: Val::Percent(0.0), ..bar };
    let fuel = world.spawn((fuel, BackgroundColor(TEXT), ChildOf(track))).id();
    let numbers = label_at_the_right(world, row, 116.0);
    ModNodes { row, title, state, fuel, numbers }
}

/// A graph of bars from left to right, and the text that says what its height stands for.
fn graph(world: &mut World, parent: Entity) -> (Vec<Entity>, Entity) {
    let line = row(world, parent, GRAPH_HEIGHT);
    let graph = Node {
        flex_grow: 1.0,
        height: Val::Percent(100.0),
        align_items: AlignItems::FlexEnd,
        border_radius: BorderRadius::all(Val::Px(ROUND)),
        overflow: Overflow::clip(),
        ..Node::default()
    };
    let graph = world.spawn((graph, BackgroundColor(TRACK), ChildOf(line))).id();
    let bar = || Node { flex_grow: 1.0, height: Val::Percent(0.0), ..Node::default() };
    let bars = (0..BARS).map(|_| world.spawn((bar(), BackgroundColor(TEXT), ChildOf(graph))).id()).collect();
    let top = label_at_the_right(world, line, 116.0);
    (bars, top)
}

/// A list, which takes its part of the height that is left, and shows what fits.
fn list(world: &mut World, parent: Entity, part: f32) -> Entity {
    let node = Node {
        flex_direction: FlexDirection::Column,
        flex_grow: part,
        flex_basis: Val::Px(0.0),
        min_height: Val::Px(0.0),
        overflow: Overflow::clip(),
        ..Node::default()
    };
    world.spawn((node, RelativeCursorPosition::default(), ChildOf(parent))).id()
}

/// A row of nodes side by side.
fn row(world: &mut World, parent: Entity, height: f32) -> Entity {
    let node = Node {
        height: Val::Px(height),
        flex_shrink: 0.0,
        column_gap: Val::Px(8.0),
        padding: UiRect::horizontal(Val::Px(4.0)),
        align_items: AlignItems::Center,
        ..Node::default()
    };
    world.spawn((node, ChildOf(parent))).id()
}

/// A line between two parts of the panel.
fn rule(world: &mut World, parent: Entity) {
    let node = Node { height: Val::Px(1.0), flex_shrink: 0.0, ..Node::default() };
    world.spawn((node, BackgroundColor(RULE), ChildOf(parent)));
}

/// A text on one line, of which as much is shown as fits.
fn label(world: &mut World, parent: Entity, width: Val, size: f32) -> Entity {
    label_at(world, parent, width, size, JustifyContent::FlexStart)
}

/// The same at the right border of its place.
fn label_at_the_right(world: &mut World, parent: Entity, width: f32) -> Entity {
    label_at(world, parent, Val::Px(width), FONT, JustifyContent::FlexEnd)
}

fn label_at(world: &mut World, parent: Entity, width: Val, size: f32, at: JustifyContent) -> Entity {
    let clip =
        Node { width, justify_content: at, flex_shrink: 0.0, overflow: Overflow::clip(), ..Node::default() };
    let clip = world.spawn((clip, ChildOf(parent))).id();
    text(world, clip, size, LineBreak::NoWrap)
}

fn line_of_text(world: &mut World, parent: Entity, size: f32) -> Entity {
    text_row(world, parent, size + 6.0, size)
}

fn text_row(world: &mut World, parent: Entity, height: f32, size: f32) -> Entity {
    let row = row(world, parent, height);
    label(world, row, Val::Percent(100.0), size)
}

/// A text that is broken into lines, of which the first ones are shown.
fn paragraph(world: &mut World, parent: Entity, lines: f32) -> Entity {
    let node = Node {
        height: Val::Px(lines * FONT * LINE_HEIGHT),
        flex_shrink: 0.0,
        padding: UiRect::horizontal(Val::Px(4.0)),
        overflow: Overflow::clip(),
        ..Node::default()
    };
    let node = world.spawn((node, ChildOf(parent))).id();
    text(world, node, FONT, LineBreak::WordOrCharacter)
}

fn log_row(world: &mut World, list: Entity) -> Entity {
    let node = Node {
        width: Val::Percent(100.0),
        flex_shrink: 0.0,
        padding: UiRect::horizontal(Val::Px(4.0)),
        ..Node::default()
    };
    let node = world.spawn((node, ChildOf(list))).id();
    text(world, node, FONT_LOG, LineBreak::WordOrCharacter)
}

/// A button, and its label.
fn button(world: &mut World, parent: Entity, click: Click, width: f32) -> (Entity, Entity) {
    let node = Node {
        width: Val::Px(width),
        height: Val::Px(22.0),
        flex_shrink: 0.0,
        padding: UiRect::horizontal(Val::Px(6.0)),
        justify_content: JustifyContent::Center,
        align_items: AlignItems::Center,
        border_radius: BorderRadius::all(Val::Px(ROUND)),
        overflow: Overflow::clip(),
        ..Node::default()
    };
    let bundle =
        (node, click, RelativeCursorPosition::default(), BackgroundColor(BUTTONS[0]), ChildOf(parent));
    let node = world.spawn(bundle).id();
    (node, text(world, node, FONT, LineBreak::NoWrap))
}

fn text(world: &mut World, parent: Entity, size: f32, linebreak: LineBreak) -> Entity {
    let font = TextFont { font_size: FontSize::Px(size), ..TextFont::default() };
    let layout = TextLayout::new(Justify::Left, linebreak);
    let height = LineHeight::RelativeToFont(LINE_HEIGHT);
    world.spawn((Text::default(), font, layout, height, TextColor(TEXT), ChildOf(parent))).id()
}
