//! The steps of a session, and their execution, one after the other. Frames are counted, and no clock is read.

use std::collections::VecDeque;
use std::path::PathBuf;

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::input::mouse::MouseButtonInput;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured, save_to_disk};
use bevy::window::PrimaryWindow;

use super::checks::Check;
use super::screen;
use crate::pace::Pace;

/// Frames of the window in which nothing changes before a picture is taken, so that everything is laid out and drawn.
const SETTLE_FRAMES: u32 = 4;
/// Frames in which a picture must have come from the graphics card.
const CAPTURE_FRAMES: u32 = 600;

/// A step of the session.
pub enum Step {
    /// Play this many frames.
    Play(u32),
    /// Play until this is so; it is an error if that takes more frames.
    Until(&'static str, fn(&mut World) -> bool, u32),
    /// Press a key.
    Press(KeyCode),
    /// Click on the text that begins with this.
    Click(&'static str),
    /// Change something outside of the game.
    Do(&'static str, fn(&Session) -> anyhow::Result<()>),
    /// Take a picture while the game is paused, and check it.
    Picture(&'static str, Vec<Check>),
}

/// A session that plays.
#[derive(Resource)]
pub struct Session {
    /// Where the pictures are saved.
    pub pictures: PathBuf,
    /// The mods.
    pub mods: PathBuf,
    steps: VecDeque<Step>,
    /// Frames since the step began.
    frames: u32,
    /// What was found wrong.
    pub failures: Vec<String>,
}

impl Session {
    /// A session that takes these steps.
    pub fn new(pictures: PathBuf, mods: PathBuf, steps: Vec<Step>) -> Session {
        Session { pictures, mods, steps: steps.into(), frames: 0, failures: Vec::new() }
    }

    /// Adds it to the game.
    pub fn add(self, app: &mut App) {
        app.insert_resource(self).insert_resource(Pace::EachFrame).add_systems(Last, advance);
    }

    /// Notes what is wrong.
    pub fn fail(&mut self, what: String) {
        error!("{what}");
        self.failures.push(what);
    }
}

/// Runs once in a frame.
fn advance(world: &mut World) {
    world.resource_scope(|world, mut session: Mut<Session>| {
        let Some(step) = session.steps.pop_front() else {
            let exit = if session.failures.is_empty() { AppExit::Success } else { AppExit::error() };
            world.write_message(exit);
            return;
        };
        let frame = session.frames;
        session.frames += 1;
        if take(&step, frame, world, &mut session) {
            session.frames = 0;
        } else {
            session.steps.push_front(step);
        }
    });
}

/// Takes a step in this frame of it. Returns whether it is done.
fn take(step: &Step, frame: u32, world: &mut World, session: &mut Session) -> bool {
    match step {
        Step::Play(frames) => frame + 1 >= *frames,
        Step::Until(what, is, within) => {
            let is = is(world);
            if !is && frame >= *within {
                session.fail(format!("not within {within} frames: {what}"));
            }
            is || frame >= *within
        }
        Step::Press(key) => {
            press(world, *key, frame == 0);
            frame >= 1
        }
        Step::Click(text) => {
            if frame == 0 && !point_at(world, text) {
                session.fail(format!("there is no text to click on that begins with `{text}`"));
                return true;
            }
            if frame <= 1 {
                press_mouse(world, frame == 0);
            }
            frame >= SETTLE_FRAMES
        }
        Step::Do(what, change) => {
            if let Err(error) = change(session) {
                session.fail(format!("{what}: {error:#}"));
            }
            true
        }
        Step::Picture(name, checks) => picture(name, checks, frame, world, session),
    }
}

fn press(world: &mut World, key: KeyCode, is_pressed: bool) {
    let Some(window) = window(world) else { return };
    let state = if is_pressed { ButtonState::Pressed } else { ButtonState::Released };
    world.write_message(KeyboardInput {
        key_code: key,
        logical_key: Key::Unidentified(bevy::input::keyboard::NativeKey::Unidentified),
        state,
        text: None,
        repeat: false,
        window,
    });
}

/// Moves the mouse to the text that begins with this. Returns whether there is one.
fn point_at(world: &mut World, text: &str) -> bool {
    let Some(shown) = screen::texts(world).into_iter().find(|shown| shown.text.starts_with(text)) else {
        return false;
    };
    let mut windows = world.query_filtered::<&mut Window, With<PrimaryWindow>>();
    let Ok(mut window) = windows.single_mut(world) else { return false };
    window.set_physical_cursor_position(Some(shown.rect.center().as_dvec2()));
    true
}

/// Presses or releases the mouse's button where the mouse is: what it is over may have another text by now.
fn press_mouse(world: &mut World, is_pressed: bool) {
    let Some(window) = window(world) else { return };
    let state = if is_pressed { ButtonState::Pressed } else { ButtonState::Released };
    world.write_message(MouseButtonInput { button: MouseButton::Left, state, window });
}

fn window(world: &mut World) -> Option<Entity> {
    world.query_filtered::<Entity, With<PrimaryWindow>>().single(world).ok()
}

/// Pauses, takes a picture when everything is still, checks it, and plays on.
fn picture(name: &str, checks: &[Check], frame: u32, world: &mut World, session: &mut Session) -> bool {
    if frame == 0 {
        *world.resource_mut::<Pace>() = Pace::Paused;
    }
    if frame == SETTLE_FRAMES {
        let file = session.pictures.join(format!("{name}.png"));
        let mut screenshot = world.spawn(Screenshot::primary_window());
        screenshot.observe(save_to_disk(file));
        screenshot.observe(|captured: On<ScreenshotCaptured>, mut pictures: ResMut<Pictures>| {
            pictures.0 = Some(captured.image.clone());
        });
    }
    let taken = world.resource_mut::<Pictures>().0.take();
    if taken.is_none() && frame < CAPTURE_FRAMES {
        return false;
    }
    match taken.map(screen::Pixels::of) {
        Some(Ok(pixels)) => {
            for check in checks {
                if let Err(what) = check.run(world, &pixels) {
                    session.fail(format!("picture {name}: {what}"));
                }
            }
        }
        Some(Err(error)) => session.fail(format!("picture {name}: {error:#}")),
        None => session.fail(format!("picture {name}: none came within {CAPTURE_FRAMES} frames")),
    }
    info!("picture {name}, {} failures so far", session.failures.len());
    *world.resource_mut::<Pace>() = Pace::EachFrame;
    true
}

/// The picture that was taken last.
#[derive(Resource, Default)]
pub struct Pictures(Option<Image>);
