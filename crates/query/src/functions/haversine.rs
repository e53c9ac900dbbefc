//! `haversine`: the distance in kilometres between two places on Earth, by latitude and longitude in degrees.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "haversine",
    aliases: &[],
    title: "query-function-haversine",
    example: ("round(haversine(35.68, 139.77, 34.70, 135.50))", "403"),
    least: 4,
    most: Some(4),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        let [from, to] = [0, 2].map(|at| Some((row.number(at)?.to_radians(), row.number(at + 1)?.to_radians())));
        let ((from_lat, from_lon), (to_lat, to_lon)) = (from?, to?);
        let half = |a: f64, b: f64| {
            let sine = libm::sin((b - a) / 2.0);
            sine * sine
        };
        let chord = half(from_lat, to_lat) + libm::cos(from_lat) * libm::cos(to_lat) * half(from_lon, to_lon);
        Some(2.0 * EARTH_KM * libm::asin(chord.sqrt().min(1.0)))
    })),
};

/// The mean radius of the Earth.
const EARTH_KM: f64 = 6_371.008_8;
