//! Writes what the model says into the nodes. A node that the game has taken away is left out.

use bevy_color::Color;
use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;
use bevy_text::TextColor;
use bevy_ui::widget::Text;
use bevy_ui::{BackgroundColor, ComputedNode, Display, Node, Val};

use super::layout::{self, ModNodes, Nodes};
use super::pointer::is_over;
use super::state::ModPanel;
use super::style::*;
use crate::panel::model::action::ModAction;
use crate::panel::model::fuel::short;
use crate::panel::model::line::ReportLine;
use crate::panel::model::looking::PanelSizes;
use crate::panel::model::row::{ModRow, PermissionRow};
use crate::panel::model::tone::Tone;
use crate::text::cut_to;

/// Draws the panel, or hides it.
pub(super) fn draw(world: &mut World, panel: &mut ModPanel) {
    if panel.nodes.as_ref().is_none_or(|nodes| world.get::<Node>(nodes.root).is_none()) {
        if !panel.view.is_open {
            return;
        }
        panel.nodes = Some(layout::spawn(world));
    }
    let Some(nodes) = panel.nodes.take() else { return };
    show(world, nodes.root, panel.view.is_open);
    if panel.view.is_open {
        panel.sizes = sizes(world, panel, &nodes);
        panel.view.fit(panel.sizes);
        head(world, panel, &nodes);
        mods(world, panel, &nodes);
        chosen(world, panel, &nodes);
        log(world, panel, &nodes);
    }
    panel.nodes = Some(nodes);
}

fn sizes(world: &World, panel: &ModPanel, nodes: &Nodes) -> PanelSizes {
    let permissions = panel.chosen().map_or(0, |row| row.permissions.len());
    PanelSizes {
        mods: (panel.rows.len(), fitting(world, nodes.mods, MOD_HEIGHT, MOD_ROWS)),
        permissions: (permissions, fitting(world, nodes.permissions, PERMISSION_HEIGHT, PERMISSION_ROWS)),
        log: (panel.model.log.filtered(&panel.view.filter).count(), LOG_ROWS),
    }
}

/// How many rows fit into a list, as it was laid out in the last frame.
fn fitting(world: &World, list: Entity, row_height: f32, most: usize) -> usize {
    let height =
        world.get::<ComputedNode>(list).map_or(0.0, |node| node.size().y * node.inverse_scale_factor());
    // Casting a float saturates, and NaN gives 0.
    ((height / row_height) as usize).min(most)
}

fn head(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let count = |is: fn(&ModRow) -> bool| panel.rows.iter().filter(|row| is(row)).count();
    let mut text = format!("{} mods", panel.rows.len());
    for (number, what) in [
        (count(|row| row.is_waiting), "waiting for permission"),
        (count(|row| row.tone() == Tone::Bad), "in trouble"),
    ] {
        if number > 0 {
            text += &format!(", {number} {what}");
        }
    }
    write(world, nodes.head, &text, TEXT);
    let key = panel.key.map_or(String::new(), |key| format!("{key:?} hides this"));
    write(world, nodes.key, &key, TEXT_DIM);
}

fn mods(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let shown = panel.view.mods(panel.sizes);
    let chosen = panel.view.chosen(&panel.rows);
    for (at, row_nodes) in nodes.mod_rows.iter().enumerate() {
        let place = shown.start + at;
        let row = panel.rows.get(place).filter(|_| shown.contains(&place));
        show(world, row_nodes.row, row.is_some());
        if let Some(row) = row {
            mod_row(world, row, row_nodes, chosen == Some(place));
        }
    }
}

fn mod_row(world: &mut World, row: &ModRow, nodes: &ModNodes, is_chosen: bool) {
    let background = match (is_chosen, is_over(world, nodes.row)) {
        (true, _) => ROW_CHOSEN,
        (_, true) => ROW_HOVERED,
        _ => ROW,
    };
    fill(world, nodes.row, background);
    let color = color(row.tone());
    write(world, nodes.title, &row.title, TEXT);
    write(world, nodes.state, &row.state(), color);
    let part = row.stats.fuel_used as f64 / row.budget.grant.max(1) as f64;
    size(world, nodes.fuel, |node| node.width = Val::Percent(100.0 * part.min(1.0) as f32));
    fill(world, nodes.fuel, color);
    let numbers = format!("{} of {}", short(row.stats.fuel_used), short(row.budget.grant));
    write(world, nodes.numbers, &numbers, TEXT_DIM);
}

fn chosen(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let row = panel.chosen();
    let title = row.map_or("No mods".to_owned(), title);
    write(world, nodes.title, &title, TEXT);
    write(world, nodes.about, &row.map_or(String::new(), about), row.map_or(TEXT, |row| color(row.tone())));
    let message = row.map_or(String::new(), |row| cut_to(SHOWN_OF_MESSAGE, &row.stats.last_message));
    write(world, nodes.message, &message, TEXT_DIM);
    graph(world, panel, nodes);
    for (action, node, label) in &nodes.actions {
        let does_something = row.is_some_and(|row| action.hindrance(row).is_none());
        button(world, (*node, *label), action.label(), does_something.then_some(colors(*action)));
    }
    permissions(world, panel, nodes);
}

fn title(row: &ModRow) -> String {
    let by = if row.authors.is_empty() { String::new() } else { format!(", by {}", row.authors) };
    format!("{} {}{by}", row.title, row.version)
}

fn about(row: &ModRow) -> String {
    let counted = |count: u64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", short(count)),
    };
    format!(
        "{} ({}): {}, {}, code number {}",
        row.state(),
        row.id,
        counted(row.stats.faults, "fault", "faults"),
        counted(row.stats.suspensions, "suspension", "suspensions"),
        row.stats.generation
    )
}

fn graph(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let row = panel.chosen();
    let (bars, top) = match row {
        Some(row) => panel.model.fuel.bars(row.entity, row.budget.grant, nodes.bars.len()),
        None => (vec![0.0; nodes.bars.len()], 0),
    };
    let color = row.map_or(TEXT, |row| color(row.tone()));
    for (bar, height) in nodes.bars.iter().zip(bars) {
        size(world, *bar, |node| node.height = Val::Percent(100.0 * height));
        fill(world, *bar, color);
    }
    write(world, nodes.graph_top, &format!("{} fuel max", short(top)), TEXT_DIM);
}

fn permissions(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let none = Vec::new();
    let all = panel.chosen().map_or(&none, |row| &row.permissions);
    let shown = panel.view.permissions(panel.sizes);
    let pending = all.iter().filter(|permission| permission.is_pending).count();
    let text = match (all.len(), pending) {
        (0, _) => "It asks for no permissions.".to_owned(),
        (1, 0) => "It may do this:".to_owned(),
        (all, 0) => format!("It may do {all} things ({} to {} shown):", shown.start + 1, shown.end),
        (all, pending) => format!(
            "It asks for {pending} more of {all} things ({} to {} shown):",
            shown.start + 1,
            shown.end
        ),
    };
    write(world, nodes.asks, &text, if pending > 0 { color(Tone::Notice) } else { TEXT });
    for (at, node) in nodes.permission_rows.iter().enumerate() {
        let place = shown.start + at;
        let permission = all.get(place).filter(|_| shown.contains(&place));
        let (text, color) = permission.map_or((String::new(), TEXT), permission_line);
        write(world, *node, &text, color);
    }
}

fn permission_line(permission: &PermissionRow) -> (String, Color) {
    match permission.is_pending {
        true => (format!("? {}", permission.words), color(Tone::Notice)),
        false => (format!("  {}", permission.words), TEXT_DIM),
    }
}

fn log(world: &mut World, panel: &ModPanel, nodes: &Nodes) {
    let filter = &panel.view.filter;
    button(world, nodes.level, &format!("Log: {}", filter.level_words()), Some(BUTTONS));
    let only = filter.mod_id.as_ref().map_or("of all mods".to_owned(), |id| format!("of {id} alone"));
    button(world, nodes.only, &only, Some(BUTTONS));
    let below = match panel.view.log_below() {
        0 => String::new(),
        below => format!("{below} more below"),
    };
    write(world, nodes.log_below, &below, TEXT_DIM);
    let shown = panel.view.log(panel.sizes);
    let lines: Vec<&ReportLine> =
        panel.model.log.filtered(filter).skip(shown.start).take(shown.len()).collect();
    for (at, node) in nodes.log_rows.iter().enumerate() {
        let line = lines.iter().rev().nth(at);
        show(world, *node, line.is_some());
        if let Some(line) = line {
            let text = format!("{} {} {}: {}", line.tick, line.mod_id, line.word(), line.text);
            write(world, *node, &cut_to(SHOWN_OF_LINE, &text), color(Tone::of(line.kind)));
        }
    }
}

/// The colours of an action's button, and when the cursor is over it.
fn colors(action: ModAction) -> [Color; 2] {
    match action {
        ModAction::Allow => BUTTONS_ALLOW,
        _ => BUTTONS,
    }
}

/// Draws a button in these colours; without any it would do nothing now.
fn button(world: &mut World, (node, label): (Entity, Entity), text: &str, colors: Option<[Color; 2]>) {
    let (background, color) = match colors {
        Some([_, hovered]) if is_over(world, node) => (hovered, TEXT),
        Some([color, _]) => (color, TEXT),
        None => (BUTTON_IDLE, TEXT_DIM),
    };
    fill(world, node, background);
    write(world, label, text, color);
}

fn write(world: &mut World, node: Entity, text: &str, color: Color) {
    if let Some(mut old) = world.get_mut::<Text>(node)
        && old.0 != text
    {
        old.0 = text.to_owned();
    }
    if let Some(mut old) = world.get_mut::<TextColor>(node) {
        old.set_if_neq(TextColor(color));
    }
}

fn fill(world: &mut World, node: Entity, color: Color) {
    if let Some(mut old) = world.get_mut::<BackgroundColor>(node) {
        old.set_if_neq(BackgroundColor(color));
    }
}

fn show(world: &mut World, node: Entity, is_shown: bool) {
    let display = if is_shown { Display::Flex } else { Display::None };
    size(world, node, |node| node.display = display);
}

/// Changes a node, if that makes a difference.
fn size(world: &mut World, node: Entity, change: impl FnOnce(&mut Node)) {
    let Some(mut node) = world.get_mut::<Node>(node) else { return };
    let mut changed = node.clone();
    change(&mut changed);
    node.set_if_neq(changed);
}
