//! Where things are. Mods see the same fields as by reflection, converted in one go.

use bevy_app::App;
use bevy_transform::components::{GlobalTransform, Transform};
use tinkerbox_macros::mod_type;

use super::read_only::READ_ONLY;
use crate::game::expose::Expose;

/// Three numbers.
#[mod_type("bevy:Vec3")]
struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}

/// A rotation.
#[mod_type("bevy:Quat")]
struct Rotation {
    x: f32,
    y: f32,
    z: f32,
    w: f32,
}

/// Where something is, relative to its parent if it has one.
#[mod_type("bevy:Transform")]
struct TransformSeen {
    translation: Vec3,
    rotation: Rotation,
    scale: Vec3,
}

/// Where something is in the world. Bevy computes it from the transforms of the entity and its parents.
#[mod_type("bevy:GlobalTransform")]
struct GlobalTransformSeen {
    translation: Vec3,
    rotation: Rotation,
    scale: Vec3,
}

pub(super) fn expose_transform(app: &mut App) {
    app.expose_component_as::<Transform, TransformSeen>();
}

pub(super) fn expose_global_transform(app: &mut App) {
    app.expose_component_as::<GlobalTransform, GlobalTransformSeen>().read_only();
}

/// Makes mirrors of Bevy's vectors, whose type this crate has no name for.
macro_rules! vec3 {
    ($from:expr) => {{
        let [x, y, z] = $from.to_array();
        Vec3 { x, y, z }
    }};
}

impl From<&Transform> for TransformSeen {
    fn from(it: &Transform) -> TransformSeen {
        let [x, y, z, w] = it.rotation.to_array();
        TransformSeen {
            translation: vec3!(it.translation),
            rotation: Rotation { x, y, z, w },
            scale: vec3!(it.scale),
        }
    }
}

impl From<TransformSeen> for Transform {
    fn from(seen: TransformSeen) -> Transform {
        let TransformSeen { translation, rotation: Rotation { x, y, z, w }, scale } = seen;
        let mut transform = Transform::from_xyz(translation.x, translation.y, translation.z);
        let rotation = &mut transform.rotation;
        [rotation.x, rotation.y, rotation.z, rotation.w] = [x, y, z, w];
        transform.scale = [scale.x, scale.y, scale.z].into();
        transform
    }
}

impl From<&GlobalTransform> for GlobalTransformSeen {
    fn from(it: &GlobalTransform) -> GlobalTransformSeen {
        let TransformSeen { translation, rotation, scale } = TransformSeen::from(&it.compute_transform());
        GlobalTransformSeen { translation, rotation, scale }
    }
}

impl TryFrom<GlobalTransformSeen> for GlobalTransform {
    type Error = &'static str;

    fn try_from(_: GlobalTransformSeen) -> Result<GlobalTransform, &'static str> {
        Err(READ_ONLY)
    }
}
