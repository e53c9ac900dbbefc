//! Sums that do not depend on the order in which numbers come: what several cores add up in whatever order of files is the
//! same number each time, the one nearest to the true sum.
//!
//! [`ExactSum`] is a Kulisch accumulator: a whole number of so many bits that every double, and every square of one, has its
//! place in it. Only what numbers need of it is there:
//!
//! ```text
//! value = Σ limbs[i] × 2^(32 × (first + i))      limbs hold carries until they are settled
//! ```

mod aggregate;
mod moments;

pub(crate) use aggregate::{aggregates, avg, stddev, sum, sum_function};

use std::ops::Range;

/// Bits of a limb that are its digit; the rest are carries.
const DIGIT_BITS: i32 = 32;
const DIGIT: i64 = (1 << DIGIT_BITS) - 1;
/// Additions after which carries are settled: a limb holds some more.
const UNSETTLED: u32 = 1 << 30;
/// The last place of the smallest double.
const LEAST: i32 = -1_074;

/// A sum of finite doubles, or of their squares, without rounding. It is rounded once, when it is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExactSum {
    limbs: Vec<i64>,
    first: i32,
    unsettled: u32,
}

/// A number as `mantissa × 2^exponent`: beyond what a double holds too.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rounded {
    mantissa: f64,
    exponent: i32,
}

impl ExactSum {
    /// Adds a finite number.
    pub(crate) fn add(&mut self, number: f64) {
        let (mantissa, exponent) = parts_of(number);
        self.add_at(exponent, mantissa, number.is_sign_negative());
    }

    /// Takes a number away that was added.
    fn remove(&mut self, number: f64) {
        self.add(-number);
    }

    /// Adds the square of a finite number, or takes it away.
    fn add_square(&mut self, number: f64, is_removed: bool) {
        let (mantissa, exponent) = parts_of(number);
        let square = u128::from(mantissa) * u128::from(mantissa);
        self.add_at(2 * exponent, square as u64, is_removed);
        self.add_at(2 * exponent + 64, (square >> 64) as u64, is_removed);
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.settle();
        self.settle();
        self.make_room(other.range());
        for (at, limb) in other.range().zip(&other.limbs) {
            self.limbs[(at - self.first) as usize] += limb;
        }
        self.unsettled += 1;
    }

    /// The double that is nearest, of two the even one; infinite where the sum is beyond all doubles.
    pub(crate) fn total(&self) -> f64 {
        let (is_negative, digits) = self.magnitude();
        let rounded = round(&digits, self.first, LEAST);
        signed(is_negative, rounded).to_double()
    }

    /// The sum in 53 bits, however large or small.
    fn rounded(&self) -> Rounded {
        let (is_negative, digits) = self.magnitude();
        signed(is_negative, round(&digits, self.first, i32::MIN))
    }

    /// `count × squares − sum²`, of which variances are made.
    fn spread(count: u64, sum: &Self, squares: &Self) -> Rounded {
        let mut spread = Self::default();
        let (_, digits) = squares.magnitude();
        for (at, digit) in (squares.first..).zip(digits) {
            let [low, high] = halves(u128::from(digit) * u128::from(count));
            spread.add_at(at * DIGIT_BITS, low, false);
            spread.add_at(at * DIGIT_BITS + 64, high, false);
        }
        let (_, digits) = sum.magnitude();
        for (i, a) in (sum.first..).zip(&digits) {
            for (j, b) in (sum.first..).zip(&digits) {
                spread.add_at((i + j) * DIGIT_BITS, u64::from(*a) * u64::from(*b), true);
            }
        }
        spread.rounded()
    }

    /// Bytes beside the value itself.
    pub(crate) fn size(&self) -> usize {
        self.limbs.capacity() * size_of::<i64>()
    }

    /// Adds `±value × 2^exponent`.
    fn add_at(&mut self, exponent: i32, value: u64, is_negative: bool) {
        if value == 0 {
            return;
        }
        // Whole numbers need no places behind the point.
        let zeros = value.trailing_zeros();
        let (value, exponent) = (value >> zeros, exponent + zeros as i32);
        let first = exponent.div_euclid(DIGIT_BITS);
        let value = u128::from(value) << exponent.rem_euclid(DIGIT_BITS);
        let length = (128 - value.leading_zeros() as i32 + DIGIT_BITS - 1) / DIGIT_BITS;
        self.make_room(first..first + length);
        let start = (first - self.first) as usize;
        for (at, limb) in self.limbs[start..].iter_mut().take(length as usize).enumerate() {
            let digit = (value >> (at as i32 * DIGIT_BITS)) as i64 & DIGIT;
            *limb += if is_negative { -digit } else { digit };
        }
        self.unsettled += 1;
        if self.unsettled >= UNSETTLED {
            self.settle();
        }
    }

    fn range(&self) -> Range<i32> {
        self.first..self.first + self.limbs.len() as i32
    }

    fn make_room(&mut self, needed: Range<i32>) {
        if needed.is_empty() {
            return;
        }
        if self.limbs.is_empty() {
            self.first = needed.start;
        }
        if needed.start < self.first {
            let more = (self.first - needed.start) as usize;
            self.limbs.splice(0..0, std::iter::repeat_n(0, more));
            self.first = needed.start;
        }
        let length = (needed.end - self.first) as usize;
        if self.limbs.len() < length {
            self.limbs.resize(length, 0);
        }
    }

    /// Brings carries to their places: all limbs but the last are digits then, the last has the sign.
    fn settle(&mut self) {
        self.unsettled = 0;
        let mut carry = 0;
        for limb in &mut self.limbs {
            let value = *limb + carry;
            *limb = value & DIGIT;
            carry = value >> DIGIT_BITS;
        }
        let Some(last) = self.limbs.last_mut() else { return };
        // A sign that fits into the last limb needs none of its own.
        match carry {
            0 => {}
            -1 => *last -= 1 << DIGIT_BITS,
            _ => self.limbs.push(carry),
        }
    }

    /// Whether it is less than 0, and its digits without the sign, the least first.
    fn magnitude(&self) -> (bool, Vec<u32>) {
        let mut settled = self.clone();
        settled.settle();
        let is_negative = settled.limbs.last().is_some_and(|last| *last < 0);
        if is_negative {
            settled.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            settled.settle();
        }
        (is_negative, settled.limbs.iter().map(|limb| *limb as u32).collect())
    }

    /// The sum as bytes, for another core.
    fn write(&self, bytes: &mut Vec<u8>) {
        let mut settled = self.clone();
        settled.settle();
        bytes.extend_from_slice(&settled.first.to_le_bytes());
        bytes.extend_from_slice(&(settled.limbs.len() as u32).to_le_bytes());
        settled.limbs.iter().for_each(|limb| bytes.extend_from_slice(&limb.to_le_bytes()));
    }

    /// What [`ExactSum::write`] wrote, and the bytes behind it; `None` where it is something else.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (first, bytes) = bytes.split_first_chunk()?;
        let (length, bytes) = bytes.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (limbs, rest) = bytes.split_at_checked(length.checked_mul(size_of::<i64>())?)?;
        let limbs = limbs.chunks_exact(size_of::<i64>()).filter_map(|limb| limb.try_into().ok());
        let limbs = limbs.map(i64::from_le_bytes).collect();
        Some((Self { limbs, first: i32::from_le_bytes(*first), unsettled: 1 }, rest))
    }
}

/// The sum of finite numbers, the same in whatever order they come.
pub(crate) fn total(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sum = ExactSum::default();
    numbers.for_each(|number| sum.add(number));
    sum.total()
}

impl Rounded {
    /// The nearest double; infinite where there is none.
    fn to_double(self) -> f64 {
        // Powers of two that doubles have; small steps, of which only the last may round.
        const STEP: i32 = 1_000;
        let (mut number, mut exponent) = (self.mantissa, self.exponent);
        while exponent != 0 && number != 0.0 && number.is_finite() {
            let step = exponent.clamp(-STEP, STEP);
            number *= f64::from_bits(((1_023 + step) as u64) << 52);
            exponent -= step;
        }
        number
    }

    fn divided_by(self, divisor: f64) -> Self {
        Self { mantissa: self.mantissa / divisor, ..self }
    }

    fn root(self) -> Self {
        let odd = self.exponent.rem_euclid(2);
        let mantissa = if odd == 1 { self.mantissa * 2.0 } else { self.mantissa };
        Self { mantissa: mantissa.sqrt(), exponent: (self.exponent - odd) / 2 }
    }
}

fn signed(is_negative: bool, rounded: Rounded) -> Rounded {
    Rounded { mantissa: if is_negative { -rounded.mantissa } else { rounded.mantissa }, ..rounded }
}

/// A finite double as `mantissa × 2^exponent`, without its sign.
fn parts_of(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    if exponent == 0 { (fraction, LEAST) } else { (fraction | 1 << 52, exponent + LEAST - 1) }
}

fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// Digits in 53 bits or fewer, none behind the place `least`: to the nearest, of two to the even one.
fn round(digits: &[u32], first: i32, least: i32) -> Rounded {
    let bits = |(at, digit): (usize, &u32)| (at as i32 + 1) * DIGIT_BITS - digit.leading_zeros() as i32;
    let Some(length) = digits.iter().enumerate().rfind(|(_, digit)| **digit != 0).map(bits) else {
        return Rounded { mantissa: 0.0, exponent: 0 };
    };
    let start = first * DIGIT_BITS;
    // Where the last place that is kept lies among the digits; before them where there are few.
    let last = (length - 53).max(least.saturating_sub(start));
    let is_set = |place: i32| {
        let digit = usize::try_from(place.div_euclid(DIGIT_BITS)).ok().and_then(|at| digits.get(at));
        digit.is_some_and(|digit| digit >> place.rem_euclid(DIGIT_BITS) & 1 == 1)
    };
    let mantissa = (last..length).rev().fold(0_u64, |kept, place| kept << 1 | u64::from(is_set(place)));
    let is_half = is_set(last - 1);
    let is_more = || (0..last - 1).any(is_set);
    let is_up = is_half && (mantissa & 1 == 1 || is_more());
    Rounded { mantissa: (mantissa + u64::from(is_up)) as f64, exponent: start + last }
}

#[cfg(test)]
mod tests;
