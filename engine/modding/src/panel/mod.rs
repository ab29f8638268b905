//! What a panel shows about mods: for players, who allow them and turn them off, and for authors, who watch them.
//!
//! ```text
//! world: mods' entities, reports -> model: rows, log with a filter, fuel over time -> a view: Meadow's terminal
//! Mods: requests                 <- model: what can be done to a row               <-
//! ```
//!
//! It needs nothing that the plugin does not need itself, and any view can show it.

mod model;

pub use model::PanelModel;
pub use model::action::ModAction;
pub use model::filter::LogFilter;
pub use model::fuel::{FuelHistory, percent, short};
pub use model::line::ReportLine;
pub use model::log::{Advice, ReportLog};
pub use model::looking::{PanelSizes, PanelView};
pub use model::row::{ModRow, PermissionRow, mod_rows};
pub use model::tone::Tone;
