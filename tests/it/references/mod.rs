//! References to values of the host: they live exactly as long as guest or host can reach them.

mod advisories;
mod callbacks;
mod exactness;
mod herd;
mod host;
mod pressure;
mod suspended;
