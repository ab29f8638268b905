//! What mods may do: what the game allows of what it exposes, what players are asked, and what was granted.

mod asking;
mod granted;
mod rules;
