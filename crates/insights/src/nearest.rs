//! The known name that was probably meant.

/// The name nearest to what was written, by edit distance without regard to case; `None` where none is near enough to
/// be a slip of the hand (about four in ten of its letters).
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    let letters = written.chars().count();
    if letters < 2 {
        return None;
    }
    let allowed = (letters * 2 / 5).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["fields", "filter", "stats"];
        assert_eq!(nearest("filed", known), Some("fields"));
        assert_eq!(nearest("FLITER", known), Some("filter"));
        assert_eq!(nearest("stat", known), Some("stats"));
        assert_eq!(nearest("select", known), None);
    }
}
