//! What is on the screen: the pixels of a picture, and the texts that the UI has laid out.

use anyhow::Context;
use bevy::prelude::{ComputedNode, Image, InheritedVisibility, Rect, Text, World};
use bevy::ui::{CalculatedClip, UiGlobalTransform};

/// The pixels of a picture.
pub struct Pixels {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Pixels {
    /// The pixels of an image.
    ///
    /// # Errors
    /// If its format is unknown.
    pub fn of(image: Image) -> anyhow::Result<Pixels> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let rgb = image.try_into_dynamic().context("the picture's format")?.to_rgb8().into_raw();
        Ok(Pixels { width, height, rgb })
    }

    /// The colour of a pixel, if it is in the picture.
    pub fn at(&self, x: i64, y: i64) -> Option<[u8; 3]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        let start = (y * self.width + x) * 3;
        (x < self.width && y < self.height)
            .then(|| [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]])
    }

    /// The colours in a rectangle, as far as it is in the picture.
    pub fn inside(&self, rect: Rect) -> impl Iterator<Item = [u8; 3]> {
        let (min, max) = (rect.min.floor().as_i64vec2(), rect.max.ceil().as_i64vec2());
        (min.y..max.y).flat_map(move |y| (min.x..max.x).filter_map(move |x| self.at(x, y)))
    }

    /// The whole picture.
    pub fn rect(&self) -> Rect {
        Rect::new(0.0, 0.0, self.width as f32, self.height as f32)
    }
}

/// How different two colours are: the largest difference of a channel.
pub fn difference(one: [u8; 3], other: [u8; 3]) -> u8 {
    (0..3).map(|at| one[at].abs_diff(other[at])).max().unwrap_or(0)
}

/// A text that the UI shows.
pub struct ShownText {
    /// The text.
    pub text: String,
    /// Where it is shown, in pixels of the window: what is cut off is left out.
    pub rect: Rect,
}

/// All texts of which something is shown.
pub fn texts(world: &mut World) -> Vec<ShownText> {
    let mut nodes = world.query::<(
        &Text,
        &ComputedNode,
        &UiGlobalTransform,
        Option<&CalculatedClip>,
        &InheritedVisibility,
    )>();
    let shown = nodes.iter(world).filter(|(.., visibility)| visibility.get());
    shown
        .filter_map(|(text, node, transform, clip, _)| {
            let whole = Rect::from_center_size(transform.translation, node.size());
            let rect = clip.map_or(Some(whole), |clip| clipped(whole, clip))?;
            let is_seen = !text.0.trim().is_empty() && rect.width() >= 2.0 && rect.height() >= 2.0;
            is_seen.then(|| ShownText { text: text.0.clone(), rect })
        })
        .collect()
}

fn clipped(whole: Rect, clip: &CalculatedClip) -> Option<Rect> {
    // Nothing is turned here: each clip differs from the window by where its middle is.
    let rects = clip.rects()?.iter().map(|clip| {
        let to_window = clip.world_to_clip_local.inverse();
        Rect::from_corners(
            to_window.transform_point2(clip.rect.min),
            to_window.transform_point2(clip.rect.max),
        )
    });
    let rect = rects.fold(whole, |rect, clip| rect.intersect(clip));
    (!rect.is_empty()).then_some(rect)
}
