//! References to values of the host: a value lives exactly as long as guest or host can reach it.

mod advisories;
mod callbacks;
mod exactness;
mod herd;
mod host;
mod pressure;
mod suspended;
