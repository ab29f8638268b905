//! Mods from Bevy's asset server: wherever the game's assets come from, mods can.
//!
//! It hands files to [`Mods`], as any game could.

use std::collections::BTreeMap;

use bevy_app::{App, Plugin, PreUpdate};
use bevy_asset::io::Reader;
use bevy_asset::{
    Asset, AssetApp, AssetEvent, AssetLoadFailedEvent, AssetLoader, AssetPath, Assets, Handle, LoadContext,
};
use bevy_ecs::message::MessageReader;
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::IntoScheduleConfigs;
use bevy_ecs::system::{Res, ResMut};
use bevy_reflect::TypePath;

use crate::game::requests::Mods;
use crate::plugin::ManageMods;

/// The files of a mod, as an asset: it is loaded by the path of a `mod.toml`, beside which there is a `mod.wasm`.
#[derive(Asset, TypePath, Clone, Debug)]
pub struct ModAsset {
    /// `mod.toml`.
    pub manifest: Vec<u8>,
    /// `mod.wasm`.
    pub wasm: Vec<u8>,
}

/// Mods that come from assets, by name. Each is built as soon as its asset is loaded, as by [`Mods::add_bytes`], and again
/// whenever the asset changes.
///
/// ```no_run
/// # use bevy_asset::AssetServer;
/// # use bevy_ecs::prelude::*;
/// # use tinkerbox::ModAssets;
/// fn add_wolves(mut mods: ResMut<ModAssets>, server: Res<AssetServer>) {
///     mods.add("wolves", server.load("mods/wolves/mod.toml"));
/// }
/// ```
#[derive(Resource, Debug, Default)]
pub struct ModAssets {
    by_name: BTreeMap<String, Source>,
}

#[derive(Debug)]
struct Source {
    handle: Handle<ModAsset>,
    /// Its files have to be handed over.
    is_new: bool,
}

impl ModAssets {
    /// Loads a mod from this asset, and keeps the asset. Another one with the same name is replaced.
    ///
    /// Messages name its files as `(embedded)/<name>/mod.toml`.
    ///
    /// # Panics
    /// If the name is empty, or has a `/` or `\\`.
    pub fn add(&mut self, name: impl Into<String>, handle: Handle<ModAsset>) {
        let name = name.into();
        Mods::check_name(&name);
        self.by_name.insert(name, Source { handle, is_new: true });
    }

    /// The asset of this name, for its state of loading.
    pub fn handle(&self, name: &str) -> Option<&Handle<ModAsset>> {
        self.by_name.get(name).map(|source| &source.handle)
    }

    /// Forgets the asset. The mod runs on, without further changes, until it is [unloaded](Mods::unload).
    pub fn forget(&mut self, name: &str) {
        self.by_name.remove(name);
    }
}

/// Lets [`ModAsset`]s be loaded, and runs those that are in [`ModAssets`]. It is added after Bevy's plugin
/// for assets.
#[derive(Debug, Default)]
pub struct ModAssetPlugin;

impl Plugin for ModAssetPlugin {
    fn build(&self, app: &mut App) {
        app.init_asset::<ModAsset>()
            .register_asset_loader(ModAssetLoader)
            .init_resource::<ModAssets>()
            .init_resource::<Mods>()
            .add_systems(PreUpdate, hand_over.before(ManageMods));
    }
}

/// Hands the files of assets that are loaded, or have changed, to the mods of the game.
fn hand_over(
    mut changes: MessageReader<AssetEvent<ModAsset>>,
    mut failures: MessageReader<AssetLoadFailedEvent<ModAsset>>,
    assets: Res<Assets<ModAsset>>,
    mut sources: ResMut<ModAssets>,
    mut mods: ResMut<Mods>,
) {
    for event in changes.read() {
        let changed = sources.by_name.values_mut().filter(|source| event.is_modified(&source.handle));
        changed.for_each(|source| source.is_new = true);
    }
    for (name, source) in sources.by_name.iter_mut().filter(|(_, source)| source.is_new) {
        if let Some(asset) = assets.get(&source.handle) {
            mods.add_bytes(name.as_str(), asset.manifest.clone(), asset.wasm.clone());
            source.is_new = false;
        }
    }
    for failure in failures.read() {
        let those = sources.by_name.iter().filter(|(_, source)| source.handle.id() == failure.id);
        for (name, _) in those {
            tracing::error!(
                "the mod `{name}` is not loaded, since its asset `{}` can't be: {}. A mod is loaded by the path of its \
                 `mod.toml`, and its WebAssembly lies beside that as `mod.wasm`",
                failure.path,
                failure.error
            );
        }
    }
}

/// Reads a `mod.toml`, and the `mod.wasm` beside it.
#[derive(Debug, TypePath)]
struct ModAssetLoader;

impl AssetLoader for ModAssetLoader {
    type Asset = ModAsset;
    type Settings = ();
    type Error = anyhow::Error;

    async fn load(
        &self,
        reader: &mut dyn Reader,
        (): &(),
        context: &mut LoadContext<'_>,
    ) -> anyhow::Result<ModAsset> {
        let mut manifest = Vec::new();
        reader.read_to_end(&mut manifest).await?;
        // It is noted as something that the asset was made from, so that a change of it is one of the asset.
        let manifest_path = context.path().clone();
        let beside = AssetPath::from_path_buf(manifest_path.path().with_file_name("mod.wasm"))
            .with_source(manifest_path.source().clone());
        let wasm = context.read_asset_bytes(beside).await?;
        Ok(ModAsset { manifest, wasm })
    }
}
