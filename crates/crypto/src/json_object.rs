use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a JSON text that has to be an object.
pub(crate) fn read_object<'de, T: Deserialize<'de>>(text: &'de [u8]) -> serde_json::Result<T> {
    serde_json::from_slice::<Object<T>>(text).map(|object| object.0)
}

/// A struct read from a JSON object and from nothing else. A derived reader alone would also take an array that
/// holds the fields in their order.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Object, read_object};

    #[derive(Deserialize)]
    struct Outer {
        inner: Object<Inner>,
    }

    #[derive(Deserialize)]
    struct Inner {
        n: u64,
    }

    #[test]
    fn only_objects_are_read_as_structs() {
        let n = |text: &str| read_object::<Outer>(text.as_bytes()).ok().map(|outer| outer.inner.0.n);
        assert_eq!(n(r#" {"x":[{}],"inner":{"n":7,"m":null}} "#), Some(7));
        let refused = [
            r#"{"inner":[7]}"#,
            r#"[{"n":7}]"#,
            "[[7]]",
            r#"{"inner":null}"#,
            r#"{"inner":{"n":7},"inner":{"n":8}}"#,
            r#"{"inner":{"n":7}}x"#,
            "{}",
            "null",
            "",
        ];
        for text in refused {
            assert_eq!(n(text), None, "{text}");
        }
    }
}
