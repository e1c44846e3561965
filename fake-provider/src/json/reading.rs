//! How a value is read: texts without an escape are not copied.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::Value;

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut failed = None;
        let members = std::iter::from_fn(|| {
            let member = members.next_entry::<Name<'de>, Value<'de>>();
            let member = member.map_err(|error| failed = Some(error)).ok()??;
            Some((member.0.0, member.1))
        });
        let read = members.collect();
        failed.map_or(Ok(Value::Object(read)), Err)
    }
}

/// The name of a member.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_serde_json_reads_it() {
        let text = r#" {"null": null, "yes": true, "no": false, "numbers": [0, -1, 18446744073709551615, -9223372036854775808, 1.5, 1e3],
            "text": "plain wörld", "escaped": "a\"\u00e9\n🎉", "e\u0073caped name": 1, "empty": [{}, [], ""], "again": 1, "again": 2} "#;
        let read: Value<'_> = serde_json::from_str(text).expect("is JSON");
        let theirs: serde_json::Value = serde_json::from_str(text).expect("is JSON");
        assert_eq!(serde_json::Value::from(&read), theirs);
        assert_eq!(Value::from(&theirs), read);
        assert!(matches!(
            &read["text"],
            Value::String(Cow::Borrowed("plain wörld"))
        ));
        assert!(matches!(&read["escaped"], Value::String(Cow::Owned(_))));
    }

    #[test]
    fn what_is_no_json_is_refused_wherever_it_breaks() {
        let whole = r#"{"a":[1,{"b":"c"}]}"#;
        for end in 0..whole.len() {
            assert!(
                serde_json::from_str::<Value<'_>>(&whole[..end]).is_err(),
                "{end}"
            );
        }
        for text in [
            r#"{"a" 1}"#,
            r#"{1:2}"#,
            "[1,]",
            "nul",
            "\"\\x\"",
            "{} {}",
            "1e999",
        ] {
            assert!(serde_json::from_str::<Value<'_>>(text).is_err(), "{text}");
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(serde_json::from_str::<Value<'_>>(&deep).is_err());
    }
}
