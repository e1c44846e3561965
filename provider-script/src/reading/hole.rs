//! Something that can be read as anything, where a wrong value stood.

use std::ops::Range;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use super::stop::Stop;

/// Text that is a duration as well: the one kind of text that is checked while it is read.
const TEXT: &str = "1s";

/// A place whose mistake has been told.
#[derive(Clone, Copy)]
pub(super) struct Hole {
    start: usize,
    end: usize,
}

impl Hole {
    /// The hole where this was written.
    pub(super) const fn at(span: &Range<usize>) -> Self {
        Self {
            start: span.start,
            end: span.end,
        }
    }
}

macro_rules! read_as {
    ($visit:ident $arguments:tt: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            visitor.$visit $arguments
        }
    )*};
}

impl<'de> Deserializer<'de> for Hole {
    type Error = Stop;

    read_as! { visit_unit (): deserialize_any deserialize_unit deserialize_ignored_any }
    read_as! { visit_bool (false): deserialize_bool }
    read_as! { visit_u64 (1):
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    read_as! { visit_f64 (1.0): deserialize_f32 deserialize_f64 }
    read_as! { visit_str (TEXT):
        deserialize_char deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf
    }
    read_as! { visit_none (): deserialize_option }
    read_as! { visit_seq (Nothing): deserialize_seq }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_map(HoleFields {
            fields: &[],
            hole: self,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        if is_spanned(name) {
            return visitor.visit_map(SpannedDeserializer::new(self, self.start..self.end));
        }
        visitor.visit_map(HoleFields { fields, hole: self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match variants.first() {
            Some(first) => visitor.visit_enum(StrDeserializer::new(first)),
            None => Err(Stop::not_one_of(&Unexpected::Unit, variants)),
        }
    }

    forward_to_deserialize_any! { unit_struct tuple tuple_struct }
}

impl IntoDeserializer<'_, Stop> for Hole {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Every key of a struct, each with a hole.
struct HoleFields {
    fields: &'static [&'static str],
    hole: Hole,
}

impl<'de> MapAccess<'de> for HoleFields {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let Some((first, rest)) = self.fields.split_first() else {
            return Ok(None);
        };
        self.fields = rest;
        seed.deserialize(StrDeserializer::new(first)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stop> {
        seed.deserialize(self.hole)
    }
}

/// A list of nothing.
struct Nothing;

impl<'de> serde::de::SeqAccess<'de> for Nothing {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        _: T,
    ) -> Result<Option<T::Value>, Stop> {
        Ok(None)
    }
}
