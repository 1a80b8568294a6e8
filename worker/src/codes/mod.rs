//! Code images: `order` is what is asked for, `maker` the object that makes it once.

pub(crate) mod budget;
mod handlers;
pub(crate) mod images;
pub(crate) mod maker;
pub(crate) mod order;

pub(crate) use handlers::{code_image, delete_code_image, found, made};
