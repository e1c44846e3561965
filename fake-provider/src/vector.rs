//! Vectors that stand for texts and mean nothing: always the same for the same text. Knows no dialect.

use sha2::{Digest, Sha256};

/// Numbers between -1 and 1, none of them 0, drawn from the seed and the text. The text is read once, however many are wanted.
pub(crate) fn drawn(seed: u64, text: &str, dimensions: usize) -> Vec<f32> {
    let text = Sha256::new_with_prefix(format!("embedding/{seed}/"))
        .chain_update(text)
        .finalize();
    let mut numbers = Vec::with_capacity(dimensions.next_multiple_of(16));
    for block in 0_u64.. {
        if numbers.len() >= dimensions {
            break;
        }
        let digest = Sha256::new_with_prefix(text)
            .chain_update(block.to_be_bytes())
            .finalize();
        let pairs = digest.chunks_exact(2);
        numbers.extend(pairs.map(|pair| {
            let number = u16::from_le_bytes([pair[0], pair[1]]);
            (f32::from(number) - 32_767.5) / 32_767.5
        }));
    }
    numbers.truncate(dimensions);
    numbers
}

/// The same, scaled to the length 1.
pub(crate) fn unit(seed: u64, text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = drawn(seed, text, dimensions);
    let squares = vector.iter().map(|number| number * number);
    let length = squares.sum::<f32>().sqrt();
    for number in &mut vector {
        *number /= length;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_follows_from_seed_and_text_and_is_as_long_as_is_wanted() {
        let whole = drawn(7, "a text", 40);
        assert_eq!(whole.len(), 40);
        assert_eq!(drawn(7, "a text", 3), whole[..3]);
        assert!(
            whole
                .iter()
                .all(|number| number.abs() <= 1.0 && *number != 0.0)
        );
        for (seed, text) in [(8, "a text"), (7, "a texu"), (7, "")] {
            let other = drawn(seed, text, 40);
            let equal = other.iter().zip(&whole).filter(|(one, other)| one == other);
            assert!(equal.count() < 4, "{seed} {text}");
        }
        assert!(drawn(7, "a text", 0).is_empty());
    }

    #[test]
    fn a_unit_has_the_length_1() {
        for dimensions in [1, 16, 3072] {
            let squares = unit(1, "a", dimensions)
                .into_iter()
                .map(|number| number * number);
            assert!((squares.sum::<f32>() - 1.0).abs() < 1e-3, "{dimensions}");
        }
    }
}
