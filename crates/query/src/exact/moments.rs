//! What sums, means and deviations are made of: how many numbers there are, their exact sum and that of their squares.

use super::ExactSum;

/// What is told of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Told {
    Sum,
    Mean,
    /// The variance, of a sample or of all there are.
    Variance {
        is_sample: bool,
    },
    /// Its root.
    Deviation {
        is_sample: bool,
    },
}

impl Told {
    fn needs_squares(self) -> bool {
        matches!(self, Self::Variance { .. } | Self::Deviation { .. })
    }
}

/// Numbers of one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    count: u64,
    sum: ExactSum,
    squares: Option<Box<ExactSum>>,
    /// How many are no number, infinite, and less than all others: they have no place in a sum.
    beyond: Option<Box<[u64; 3]>>,
}

impl Moments {
    pub(super) fn new(told: Told) -> Self {
        Self { squares: told.needs_squares().then(Box::default), ..Self::default() }
    }

    pub(super) fn add(&mut self, number: f64) {
        self.count += 1;
        if !number.is_finite() {
            self.beyond.get_or_insert_default()[place_beyond(number)] += 1;
            return;
        }
        self.sum.add(number);
        if let Some(squares) = &mut self.squares {
            squares.add_square(number, false);
        }
    }

    /// Takes a number away that was added.
    pub(super) fn remove(&mut self, number: f64) {
        self.count = self.count.saturating_sub(1);
        if !number.is_finite() {
            let count = &mut self.beyond.get_or_insert_default()[place_beyond(number)];
            *count = count.saturating_sub(1);
            return;
        }
        self.sum.remove(number);
        if let Some(squares) = &mut self.squares {
            squares.add_square(number, true);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum.merge(&other.sum);
        if let (Some(squares), Some(more)) = (&mut self.squares, &other.squares) {
            squares.merge(more);
        }
        if let Some(more) = &other.beyond {
            let beyond = self.beyond.get_or_insert_default();
            beyond.iter_mut().zip(more.iter()).for_each(|(count, more)| *count += more);
        }
    }

    /// `None` of no numbers, and of a sample of one.
    pub(super) fn told(&self, told: Told) -> Option<f64> {
        let is_sample = matches!(told, Told::Variance { is_sample: true } | Told::Deviation { is_sample: true });
        if self.count < if is_sample { 2 } else { 1 } {
            return None;
        }
        if let Some([none, infinite, negative]) = self.beyond.as_deref().filter(|beyond| **beyond != [0; 3]) {
            let is_none = *none > 0 || (*infinite > 0 && *negative > 0) || told.needs_squares();
            let beyond = if *infinite > 0 { f64::INFINITY } else { f64::NEG_INFINITY };
            return Some(if is_none { f64::NAN } else { beyond });
        }
        let count = self.count as f64;
        let variance = || {
            let squares = self.squares.as_deref().cloned().unwrap_or_default();
            let pairs = count * if is_sample { count - 1.0 } else { count };
            ExactSum::spread(self.count, &self.sum, &squares).divided_by(pairs)
        };
        Some(match told {
            Told::Sum => self.sum.total(),
            Told::Mean => self.sum.rounded().divided_by(count).to_double(),
            Told::Variance { .. } => variance().to_double(),
            Told::Deviation { .. } => variance().root().to_double(),
        })
    }

    /// Bytes beside the value itself.
    pub(super) fn size(&self) -> usize {
        let squares = self.squares.as_ref().map_or(0, |squares| size_of::<ExactSum>() + squares.size());
        self.sum.size() + squares + self.beyond.as_ref().map_or(0, |beyond| size_of_val(&**beyond))
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let beyond = self.beyond.as_deref().copied().unwrap_or_default();
        for count in std::iter::once(self.count).chain(beyond) {
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        self.sum.write(bytes);
        if let Some(squares) = &self.squares {
            squares.write(bytes);
        }
    }

    /// What [`Moments::write`] wrote; `None` where it is something else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut counts = [0; 4];
        let mut rest = bytes;
        for count in &mut counts {
            let (own, behind) = rest.split_first_chunk()?;
            (*count, rest) = (u64::from_le_bytes(*own), behind);
        }
        let [count, beyond @ ..] = counts;
        let (sum, rest) = ExactSum::read(rest)?;
        let squares = if rest.is_empty() { None } else { Some(Box::new(ExactSum::read(rest)?.0)) };
        let beyond = (beyond != [0; 3]).then(|| Box::new(beyond));
        Some(Self { count, sum, squares, beyond })
    }
}

fn place_beyond(number: f64) -> usize {
    match number {
        number if number.is_nan() => 0,
        number if number > 0.0 => 1,
        _ => 2,
    }
}
