//! A panel about mods: for players, who allow them and turn them off, and for authors, who watch them.
//!
//! ```text
//! world: mods' entities, reports -> model: rows, log with a filter, fuel over time -> a view: bevy_ui, or Meadow's terminal
//! Mods: requests                 <- model: what can be done to a row               <-
//! ```
//!
//! The model is always compiled: it needs nothing that the plugin does not need itself, and any view can show it. The view
//! in bevy_ui comes with the feature `panel`.

mod model;
#[cfg(feature = "panel")]
mod view;

pub use model::PanelModel;
pub use model::action::ModAction;
pub use model::filter::LogFilter;
pub use model::fuel::{FuelHistory, percent, short};
pub use model::line::ReportLine;
pub use model::log::{Advice, ReportLog};
pub use model::looking::{PanelSizes, PanelView};
pub use model::row::{ModRow, PermissionRow, mod_rows};
pub use model::tone::Tone;
#[cfg(feature = "panel")]
pub use view::{ModPanel, ModPanelPlugin};
