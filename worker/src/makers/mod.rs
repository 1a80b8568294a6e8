//! The class `Makers`: what is made once has one maker, an object for each code image, each named link, and the
//! `jsapi_ticket`. `object` is the class; the makers themselves lie with their features.

pub(crate) mod context;
pub(crate) mod object;
