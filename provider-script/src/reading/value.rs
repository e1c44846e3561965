//! Hands the values of the tree to serde, and remembers on the way back where a stop came from.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};

use super::hole::Hole;
use super::node::{Field, Kind, Node};
use super::path::Segment;
use super::stop::Stop;

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct ValueReader<'de> {
    node: &'de Node,
}

impl<'de> ValueReader<'de> {
    pub(super) const fn new(node: &'de Node) -> Self {
        Self { node }
    }

    const fn hole(self) -> Hole {
        Hole::at(&self.node.span)
    }

    fn unexpected(self) -> Unexpected<'de> {
        match &self.node.kind {
            Kind::String(text) | Kind::Datetime(text) => Unexpected::Str(text),
            Kind::Integer(number) => i64::try_from(*number)
                .map_or(Unexpected::Other("a huge number"), Unexpected::Signed),
            Kind::Float(number) => Unexpected::Float(*number),
            Kind::Boolean(truth) => Unexpected::Bool(*truth),
            Kind::Array(_) => Unexpected::Seq,
            Kind::Table(_) => Unexpected::Map,
            Kind::Hole => Unexpected::Unit,
        }
    }
}

/// A hole is read as what is asked for; everything else as what it is.
macro_rules! ask_the_hole {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            match self.node.kind {
                Kind::Hole => self.hole().$method(visitor),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueReader<'de> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match &self.node.kind {
            Kind::String(text) | Kind::Datetime(text) => visitor.visit_borrowed_str(text),
            Kind::Integer(number) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => visitor.visit_i128(*number),
            },
            Kind::Float(number) => visitor.visit_f64(*number),
            Kind::Boolean(truth) => visitor.visit_bool(*truth),
            Kind::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Kind::Table(fields) => visitor.visit_map(Fields { fields, next: 0 }),
            Kind::Hole => self.hole().deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.node.kind {
            Kind::Hole => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
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
            let span = self.node.span.clone();
            return visitor.visit_map(SpannedDeserializer::new(self, span));
        }
        match self.node.kind {
            Kind::Hole => self.hole().deserialize_struct(name, fields, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match &self.node.kind {
            Kind::String(word) => visitor.visit_enum(StrDeserializer::new(word)),
            Kind::Hole => self.hole().deserialize_enum(name, variants, visitor),
            _ => Err(Stop::not_one_of(&self.unexpected(), variants)),
        }
    }

    ask_the_hole! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_seq
        deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }
}

impl<'de> IntoDeserializer<'de, Stop> for ValueReader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The items of a list.
struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        let index = self.next;
        let Some(item) = self.items.get(index) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(ValueReader::new(item))
            .map(Some)
            .map_err(|stop| stop.within(Segment::Item(index)))
    }
}

/// The keys and values of a table.
struct Fields<'de> {
    fields: &'de [Field],
    next: usize,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let Some(field) = self.fields.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(KeyReader { field })
            .map(Some)
            .map_err(|stop| stop.at_key(self.next - 1))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stop> {
        let index = self.next - 1;
        let value = &self.fields[index].value;
        seed.deserialize(ValueReader::new(value))
            .map_err(|stop| stop.within(Segment::Key(index)))
    }
}

/// Reads one key; with its place, where that is asked for.
struct KeyReader<'de> {
    field: &'de Field,
}

impl<'de> Deserializer<'de> for KeyReader<'de> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_borrowed_str(&self.field.key)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        if is_spanned(name) {
            let span = self.field.key_span.clone();
            return visitor.visit_map(SpannedDeserializer::new(self.field.key.as_str(), span));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_enum(StrDeserializer::new(&self.field.key))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}
