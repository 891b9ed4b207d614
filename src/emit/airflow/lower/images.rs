//! The images of a pipeline, each under a constant of its own.

use crate::plan::Pipeline;
use crate::text::python::identifier;

/// Constants and images, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Images {
    images: Vec<(String, String)>,
}

impl Images {
    /// The images of a pipeline.
    pub(super) fn of(pipeline: &Pipeline) -> Self {
        let mut images = Self::default();
        for image in pipeline.tasks().into_iter().filter_map(|task| task.image.as_deref()) {
            if images.images.iter().all(|(_, known)| known != image) {
                let constant = images.fresh(image);
                images.images.push((constant, image.to_owned()));
            }
        }
        images
    }

    /// The constant that holds an image.
    pub(super) fn constant(&self, image: &str) -> String {
        let found = self.images.iter().find(|(_, known)| known == image);
        found.map(|(constant, _)| constant.clone()).unwrap_or_else(|| panic!("the pipeline has no image {image}"))
    }

    /// Constants and images.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        self.images.clone()
    }

    /// `TOOLBOX_IMAGE` for `registry.example.org/tumour/toolbox@sha256:…`.
    fn fresh(&self, image: &str) -> String {
        let path = image.split('@').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let name = last.split(':').next().unwrap_or_default();
        let base = format!("{}_IMAGE", identifier(name).to_uppercase());
        let mut constant = base.clone();
        let mut number = 2;
        while self.images.iter().any(|(known, _)| *known == constant) {
            constant = format!("{base}_{number}");
            number += 1;
        }
        constant
    }
}
