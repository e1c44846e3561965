//! Tests of reading, over a small document of their own.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use wire_faults::HumanDuration;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: Spanned<String>,
    #[serde(default)]
    count: Option<Spanned<u16>>,
    #[serde(default)]
    parts: Vec<Spanned<Part>>,
    #[serde(default)]
    numbers: BTreeMap<Spanned<String>, Spanned<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    kind: Spanned<Sort>,
    length: Spanned<HumanDuration>,
    #[serde(default)]
    sub: Option<Inner>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    x: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    First,
    SecondOne,
}

fn told(text: &str) -> Vec<String> {
    let reading = read::<Document>(text);
    reading
        .mistakes
        .iter()
        .map(|mistake| format!("{} @ {}", mistake.message, &text[mistake.span.clone()]))
        .collect()
}

#[test]
fn a_good_document_is_read_with_its_places() {
    let text = "name = \"n\"\ncount = 3\n[[parts]]\nkind = \"second-one\"\nlength = \"5s\"\nsub = { x = true }\n[numbers]\na = 1\n";
    let reading = read::<Document>(text);
    assert_eq!(reading.mistakes, []);
    let document = reading.value.expect("can be read");
    assert_eq!(&text[document.name.span()], "\"n\"");
    assert_eq!(*document.count.expect("is there").get_ref(), 3);
    assert_eq!(&text[document.parts[0].span()], "[[parts]]");
    let part = document.parts[0].get_ref();
    assert_eq!(*part.kind.get_ref(), Sort::SecondOne);
    assert_eq!(part.length.get_ref().to_string(), "5s");
    assert!(part.sub.as_ref().is_some_and(|sub| sub.x));
    let (key, value) = document.numbers.iter().next().expect("is there");
    assert_eq!((&text[key.span()], &text[value.span()]), ("a", "1"));
}

#[test]
fn five_mistakes_in_one_table_are_five_mistakes() {
    assert_eq!(
        told("name = \"n\"\n[[parts]]\nkind = \"frist\"\nlenght = \"5\"\nsub = { x = 1, y = 2 }\n"),
        [
            "unknown word `frist` @ \"frist\"",
            "unknown key `lenght` @ lenght",
            "`5` is not a duration: write a whole number and a unit, such as `250ms`, `5s`, `2m` or `1h` @ \"5\"",
            "expected `true` or `false`, found the number 1 @ 1",
            "unknown key `y` @ y",
        ]
    );
}

#[test]
fn every_kind_of_wrong_value_is_told_in_its_own_words() {
    assert_eq!(
        told(
            "name = 4\ncount = -1\nparts = [3, { kind = 1, length = 5 }]\nnumbers = { a = \"b\", c = 1.5, d = [] }"
        ),
        [
            "expected text in quotes, found the number 4 @ 4",
            "expected a whole number from 0 to 65535, found the number -1 @ -1",
            "expected a table, found the number 3 @ 3",
            "expected one of the words below, found the number 1 @ 1",
            "expected a duration such as `250ms`, `5s`, `2m` or `1h`, found the number 5 @ 5",
            "expected a whole number from 0 to 4294967295, found the text \"b\" @ \"b\"",
            "expected a whole number from 0 to 4294967295, found the number 1.5 @ 1.5",
            "expected a whole number from 0 to 4294967295, found a list @ []",
        ]
    );
}

#[test]
fn several_missing_keys_are_all_told_and_what_is_missing_is_not_sound() {
    let reading = read::<Document>("[[parts]]\n[[parts]]\nkind = \"first\"\nlength = \"1s\"");
    let messages: Vec<_> = reading
        .mistakes
        .iter()
        .map(|mistake| mistake.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "missing key `name`",
            "missing key `kind`",
            "missing key `length`"
        ]
    );
    let document = reading.value.expect("holes can be read");
    assert!(!reading.told.sound(&document.parts[0].span()));
    assert!(reading.told.sound(&document.parts[1].span()));
}

#[test]
fn broken_syntax_does_not_hide_what_is_wrong_elsewhere() {
    let mistakes = told("name = \ncount = \"x\"\nname = \"b\"\n[[parts]\nkind = 1\n");
    assert!(
        mistakes
            .iter()
            .any(|told| told.contains("found the text \"x\"")),
        "{mistakes:?}"
    );
    assert!(
        !mistakes.iter().any(|told| told.contains("missing")),
        "{mistakes:?}"
    );
    assert!(read::<Document>("name = ").told.broken());
}

#[test]
fn a_key_given_twice_is_told_beside_the_rest() {
    assert_eq!(
        told("name = \"a\"\nname = \"b\"\ncount = true\n"),
        [
            "`name` is given twice @ name",
            "expected a whole number from 0 to 65535, found `true` @ true"
        ]
    );
}

#[test]
fn a_part_ignores_other_keys_but_not_misspelt_ones() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Only {
        #[serde(default)]
        parts: Vec<Spanned<Part>>,
    }
    let reading = read_part::<Only>("title = 3\n[[part]]\n[[steps]]\n", &["parts"]);
    let messages: Vec<_> = reading
        .mistakes
        .iter()
        .map(|mistake| mistake.message.as_str())
        .collect();
    // What is misspelt is read as what was meant, so that what is wrong inside is told as well.
    assert_eq!(
        messages,
        [
            "missing key `kind`",
            "missing key `length`",
            "unknown key `part`"
        ]
    );
    assert_eq!(reading.value.expect("can be read").parts.len(), 1);
}

#[test]
fn nothing_readable_ends_instead_of_going_round() {
    for text in [
        "",
        "]",
        "= = =",
        "[[[",
        "\u{feff}",
        "name = [[[[[[[[",
        "parts = 5",
    ] {
        let _ = read::<Document>(text);
    }
    let many = format!("name = \"n\"\nparts = [{}]", "1, ".repeat(500));
    assert_eq!(read::<Document>(&many).mistakes.len(), MISTAKES_AT_MOST);
}

#[test]
fn what_is_too_deep_or_too_large_is_told_in_words_of_the_file() {
    let keys = format!("name = \"n\"\n[{}b]\n", "a.".repeat(2_000));
    let lists = format!("name = \"n\"\nparts = {}\n", "[".repeat(2_000));
    for text in [keys, lists] {
        let told = told(&text);
        assert!(
            told.iter()
                .any(|told| told.starts_with("this is nested too deeply @ ")),
            "{told:?}"
        );
    }
    assert_eq!(
        told("name = \"n\"\ncount = 99999999999999999999\n"),
        [
            "expected a whole number from 0 to 65535, found the number 99999999999999999999 @ 99999999999999999999"
        ]
    );
}
