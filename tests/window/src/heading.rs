//! What stands over the meadow: the weather and how many live there; and below it, the keys.

use bevy::prelude::*;
use bevy::text::FontSize;
use meadow::Weather;
use meadow_game::game::{Census, Species};
use tinkerbox::ModTime;

use crate::keys::KEYS;
use crate::pace::Pace;

#[derive(Component)]
struct Heading;

/// Adds both lines.
pub fn add(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(PostUpdate, write.before(bevy::ui::UiSystems::Prepare));
}

fn spawn(mut commands: Commands) {
    let line = |text: &str, node: Node| {
        (
            Text::new(text),
            TextFont::from_font_size(FontSize::Px(14.0)),
            TextColor(Color::srgb(0.8, 0.82, 0.78)),
            Node { position_type: PositionType::Absolute, left: Val::Px(12.0), ..node },
        )
    };
    commands.spawn((Heading, line("", Node { top: Val::Px(10.0), ..Node::default() })));
    commands.spawn(line(KEYS, Node { bottom: Val::Px(10.0), ..Node::default() }));
}

fn write(
    mut heading: Single<&mut Text, With<Heading>>,
    census: Res<Census>,
    weather: Res<Weather>,
    time: Res<ModTime>,
    pace: Res<Pace>,
) {
    let paused = if *pace == Pace::Paused { "PAUSED  " } else { "" };
    let (speed, direction) = (weather.wind.abs(), if weather.wind < 0.0 { "west" } else { "east" });
    let alive = Species::ALL.map(|species| format!("{} {}", census[species].alive, species.plural()));
    let text = format!(
        "{paused}tick {}\nrain {:.0} %, wind {speed:.1} {direction}\n{}",
        time.tick,
        weather.rain * 100.0,
        alive.join(", ")
    );
    if heading.0 != text {
        heading.0 = text;
    }
}
