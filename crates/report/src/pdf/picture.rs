//! The pictures of the page, read from what it draws: areas, lines and words. It knows what our charts use of SVG and nothing else.

use super::blocks::{Colour, Filling, INK, Picture, Shape};
use super::tree::{Element, Node};

/// How much of what a picture's parts say stands in its words.
const WORDS: usize = 4_000;

/// Reads a picture.
pub(super) fn read(svg: &Element) -> Picture {
    let sides = svg.attribute("viewBox").map(numbers).unwrap_or_default();
    let size = (sides.get(2).copied().unwrap_or(1.0).max(1.0), sides.get(3).copied().unwrap_or(1.0).max(1.0));
    let mut picture = Picture { size, words: String::new(), shapes: Vec::new() };
    add(svg, &mut picture);
    picture
}

fn add(element: &Element, picture: &mut Picture) {
    for one in element.elements() {
        match one.name.as_str() {
            "title" => {
                let text = one.text();
                if picture.words.len() + text.len() < WORDS {
                    let between = if picture.words.is_empty() { "" } else { "; " };
                    picture.words.push_str(&format!("{between}{text}"));
                }
            }
            "g" => add(one, picture),
            "rect" => picture.shapes.push(area(one)),
            "path" => picture.shapes.push(lines(one)),
            "text" => picture.shapes.push(words(one)),
            _ => {}
        }
    }
}

fn area(rect: &Element) -> Shape {
    let fill = match rect.attribute("fill") {
        Some("url(#p-fail)") => Some(Filling::Stripes),
        Some("url(#p-none)") => Some(Filling::Dots),
        Some(fill) => colour(fill).map(Filling::Plain),
        None => None,
    };
    let line = rect.attribute("stroke").and_then(colour).map(|colour| (colour, number(rect, "stroke-width", 1.0)));
    let at = (number(rect, "x", 0.0), number(rect, "y", 0.0));
    Shape::Area { at, size: (number(rect, "width", 0.0), number(rect, "height", 0.0)), fill, line }
}

/// A path of straight lines: `M` goes to a point, `L` draws to one.
fn lines(path: &Element) -> Shape {
    let (mut points, mut at) = (Vec::new(), (0.0, 0.0));
    let way = path.attribute("d").unwrap_or_default().replace('M', " M ").replace('L', " L ");
    let words: Vec<&str> = way.split_whitespace().collect();
    for step in words.chunks(3) {
        let [how, x, y] = step else { break };
        let to = (x.parse().unwrap_or_default(), y.parse().unwrap_or_default());
        if *how == "L" {
            points.push([at, to]);
        }
        at = to;
    }
    let colour = path.attribute("stroke").and_then(colour).unwrap_or(INK);
    Shape::Lines { points, line: (colour, number(path, "stroke-width", 1.0)) }
}

fn words(text: &Element) -> Shape {
    Shape::Words {
        at: (number(text, "x", 0.0), number(text, "y", 0.0)),
        size: number(text, "font-size", 12.0),
        is_centred: text.attribute("text-anchor") == Some("middle"),
        is_bold: text.attribute("font-weight") == Some("700"),
        text: text.children.iter().map(own_text).collect(),
    }
}

fn own_text(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        Node::Element(element) => element.text(),
    }
}

fn number(element: &Element, name: &str, otherwise: f32) -> f32 {
    element.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn numbers(text: &str) -> Vec<f32> {
    text.split(' ').filter_map(|number| number.parse().ok()).collect()
}

/// `#rgb` or `#rrggbb`.
fn colour(text: &str) -> Option<Colour> {
    let digits = text.strip_prefix('#')?;
    let part = |from: usize, to: usize| u8::from_str_radix(digits.get(from..to)?, 16).ok();
    match digits.len() {
        3 => Some([part(0, 1)? * 17, part(1, 2)? * 17, part(2, 3)? * 17]),
        6 => Some([part(0, 2)?, part(2, 4)?, part(4, 6)?]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::tree;

    #[test]
    fn what_our_charts_draw_is_read() {
        let svg = "<svg viewBox=\"0 0 960 40\"><title>Bars</title><g><title>a: 1 of 2</title>\
                   <rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" fill=\"#fff\" stroke=\"#8a8a8a\" stroke-width=\".5\"/>\
                   <rect width=\"8\" height=\"8\" fill=\"url(#p-fail)\"/><path d=\"M1 2L3 4M3 2L1 4\" stroke=\"#9b1c1c\"/>\
                   <text x=\"5\" y=\"6\" text-anchor=\"middle\" font-size=\"15\">✗ 3</text></g></svg>";
        let picture = read(tree::read(svg).unwrap().find("svg").unwrap());
        assert_eq!((picture.size, picture.words.as_str()), ((960.0, 40.0), "Bars; a: 1 of 2"));
        let [
            Shape::Area { fill, line, .. },
            Shape::Area { fill: striped, .. },
            Shape::Lines { points, .. },
            Shape::Words { text, is_centred, .. },
        ] = &picture.shapes[..]
        else {
            panic!("{picture:?}");
        };
        assert_eq!((*fill, *line), (Some(Filling::Plain([255; 3])), Some(([0x8a; 3], 0.5))));
        assert_eq!((*striped, points.len()), (Some(Filling::Stripes), 2));
        assert_eq!((text.as_str(), *is_centred), ("✗ 3", true));
    }
}
