//! Tables: how wide each column is, and rows that no page parts unless they are longer than a good part of one. The head stands again
//! on each page that a table goes on to.

use super::blocks::{Block, Cell, Filling, Form, LINE, Look, Piece, TINT, Table};
use super::layout::{Column, Layout};
use super::slab::{Edge, Ink, Slab, stack};
use super::tags::{Is, Tag};
use super::text;

/// The space within a cell, beside and above what stands in it.
const BESIDE: f32 = 4.5;
const ABOVE: f32 = 3.5;
/// A row that is higher may be parted.
const WHOLE: f32 = 260.0;
/// A table that is not higher is not parted.
const SMALL: f32 = 210.0;
/// How wide a column is at least that is there to be written in.
const WRITTEN: f32 = 62.0;
/// How high a row is at least that is there to be written in.
const ROOM: f32 = 46.0;

impl Layout<'_> {
    /// A table as slabs: its caption, its head, its rows.
    pub(super) fn table(&mut self, table: &Table, column: Column) -> Vec<Slab> {
        let part = self.tags.add(column.parent, Is::Table);
        let widths = self.widths(table, column.width);
        let mut slabs = Vec::new();
        if !table.caption.is_empty() {
            let caption = self.tags.add(part, Is::Caption);
            slabs = self.text(&table.caption, column.width, caption, 1.5);
            slabs.iter_mut().for_each(|slab| slab.keeps_next = true);
            slabs.iter_mut().take(1).for_each(|slab| slab.before = 8.0);
            slabs.iter_mut().last().into_iter().for_each(|slab| slab.after = 3.0);
        }
        let head = (!table.head.is_empty()).then(|| {
            let head = self.head(table, &widths, part);
            self.heads.push(head.clone());
            slabs.push(head);
            self.heads.len() - 1
        });
        let rows = self.tags.add(part, Is::Rows);
        for (at, row) in table.rows.iter().enumerate() {
            let mut lines = self.row(row, table.form, &widths, (rows, at == 0 && head.is_none()));
            lines.iter_mut().for_each(|slab| slab.head = head);
            slabs.extend(lines);
        }
        if let Some(first) = slabs.first_mut() {
            first.before = first.before.max(6.0);
        }
        // A table that is small stands on one page.
        if stack(&slabs).0 <= SMALL {
            let count = slabs.len();
            slabs.iter_mut().take(count.saturating_sub(1)).for_each(|slab| slab.keeps_next = true);
        }
        if let Some(last) = slabs.last_mut() {
            last.after = if column.is_cell { 2.0 } else { 10.0 };
        }
        slabs
    }

    fn head(&mut self, table: &Table, widths: &[f32], part: Tag) -> Slab {
        let head = self.tags.add(part, Is::Head);
        let row = self.tags.add(head, Is::Row);
        let (mut x, mut height, mut inks) = (0.0, 0.0_f32, Vec::new());
        for (pieces, width) in table.head.iter().zip(widths) {
            let cell = self.tags.add(row, Is::Names { column: true });
            let slabs = self.text(pieces, width - 2.0 * BESIDE, cell, 1.4);
            let (high, inside) = stack(&slabs);
            height = height.max(high + 2.0 * ABOVE);
            inks.extend(inside.into_iter().map(|ink| ink.moved((x + BESIDE, ABOVE))));
            x += width;
        }
        let fill = Some(Filling::Plain(TINT));
        inks.insert(0, Ink::Area { at: (0.0, 0.0), size: (x, height), fill, line: None, tag: None });
        let mut slab = Slab { height, inks, keeps_next: true, ..Slab::default() };
        rule(&mut slab, widths, table.form, (true, true));
        slab
    }

    /// A row: one slab, or a slab for each line where it is long.
    fn row(&mut self, cells: &[Cell], form: Form, widths: &[f32], (rows, is_top): (Tag, bool)) -> Vec<Slab> {
        let row = self.tags.add(rows, Is::Row);
        let columns: Vec<Vec<Slab>> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| {
                let is = if cell.is_head { Is::Names { column: false } } else { Is::Cell };
                let parent = self.tags.add(row, is);
                self.cell(cell, Column { width: (width - 2.0 * BESIDE).max(10.0), parent, is_cell: true })
            })
            .collect();
        let is_drawn_as_terms = form == Form::Terms;
        let least = if form == Form::Blank { ROOM } else { 0.0 };
        let above = if is_drawn_as_terms { 1.0 } else { ABOVE };
        let highest = columns.iter().map(|slabs| stack(slabs).0).fold(least, f32::max);
        let is_whole = highest <= WHOLE;
        let mut parts = if is_whole { vec![columns] } else { steps(columns) };
        let count = parts.len();
        let mut slabs = Vec::with_capacity(count);
        for (at, columns) in parts.drain(..).enumerate() {
            let (is_first, is_last) = (at == 0, at + 1 == count);
            let top = if is_first { above } else { 0.0 };
            let (mut x, mut height, mut inks) = (0.0, if is_whole { least } else { 0.0 }, Vec::new());
            for (column, width) in columns.iter().zip(widths) {
                let (high, inside) = stack(column);
                height = height.max(high);
                let left = if is_drawn_as_terms { x } else { x + BESIDE };
                inks.extend(inside.into_iter().map(|ink| ink.moved((left, top))));
                x += width;
            }
            let height = top + height + if is_last { above } else { 0.0 };
            // A page neither ends with the first line of a row nor begins with its last.
            let keeps_next = !is_last && (at == 0 || at + 2 == count);
            let mut slab = Slab { height, inks, keeps_next, ..Slab::default() };
            rule(&mut slab, widths, form, (is_first && is_top, is_last));
            slabs.push(slab);
        }
        slabs
    }

    fn cell(&mut self, cell: &Cell, column: Column) -> Vec<Slab> {
        let mut slabs = self.blocks(&cell.blocks, column);
        if slabs.is_empty() {
            // A cell that says nothing is still one: whoever hears the table read counts on it.
            let space = [Piece::Text(" ".to_owned(), Look::of(super::blocks::CELL))];
            slabs = self.text(&space, column.width, column.parent, 1.5);
        }
        slabs.iter_mut().take(1).for_each(|slab| slab.before = 0.0);
        slabs
    }

    /// How wide each column is.
    fn widths(&mut self, table: &Table, width: f32) -> Vec<f32> {
        let count = table.rows.iter().map(Vec::len).chain([table.head.len()]).max().unwrap_or(0);
        match table.form {
            Form::Facts | Form::Terms => {
                let asked = |row: &Vec<Cell>| row.first().cloned();
                let names: Vec<Cell> = table.rows.iter().filter_map(asked).collect();
                let widest = names.iter().map(|cell| self.needs(&cell.blocks).1).fold(0.0, f32::max);
                let first =
                    (widest + 2.0 * BESIDE + 4.0).clamp(60.0, if table.form == Form::Facts { 128.0 } else { 110.0 });
                let rest = (width - first) / count.saturating_sub(1).max(1) as f32;
                [first].into_iter().chain(std::iter::repeat_n(rest, count.saturating_sub(1))).collect()
            }
            Form::Blank => {
                let first = width * 0.24;
                let rest = (width - first) / count.saturating_sub(1).max(1) as f32;
                [first].into_iter().chain(std::iter::repeat_n(rest, count.saturating_sub(1))).collect()
            }
            Form::Grid => self.shared(table, width, count),
        }
    }

    /// Shares a width among columns: each has what its longest word needs, and of the rest as much as it has to say.
    fn shared(&mut self, table: &Table, width: f32, count: usize) -> Vec<f32> {
        let room = width - 2.0 * BESIDE * count as f32;
        let mut needs = vec![(0.0_f32, 0.0_f32); count];
        for (need, head) in needs.iter_mut().zip(&table.head) {
            let (least, most) = text::measure(&mut self.letters, head);
            *need = (least.max(most.min(60.0)), most);
        }
        // A name without an end may be parted anywhere: it claims no more than its share.
        let share = room / count.max(1) as f32;
        let mut is_written = vec![!table.rows.is_empty(); count];
        for row in &table.rows {
            for (at, cell) in row.iter().enumerate() {
                let (least, most) = self.needs(&cell.blocks);
                if let (Some(need), Some(empty)) = (needs.get_mut(at), is_written.get_mut(at)) {
                    *need = (need.0.max(least.min(share)), need.1.max(most));
                    *empty &= cell.blocks.is_empty();
                }
            }
        }
        for (need, _) in needs.iter_mut().zip(&is_written).filter(|(_, is_empty)| **is_empty) {
            *need = (need.0.max(WRITTEN), need.1.max(WRITTEN * 1.6));
        }
        share_out(&needs, room).into_iter().map(|one| one + 2.0 * BESIDE).collect()
    }

    /// How wide blocks must be at least, and would be at most.
    fn needs(&mut self, blocks: &[Block]) -> (f32, f32) {
        let mut all = (0.0_f32, 0.0_f32);
        for block in blocks {
            let (least, most) = match block {
                Block::Paragraph { text, .. } | Block::Heading { text, .. } => text::measure(&mut self.letters, text),
                Block::List { items, .. } => items.iter().fold((0.0, 0.0), |all, item| {
                    let (least, most) = self.needs(item);
                    (f32::max(all.0, least + 9.0), f32::max(all.1, most + 9.0))
                }),
                _ => (0.0, 0.0),
            };
            all = (all.0.max(least), all.1.max(most));
        }
        all
    }
}

/// Shares out a width: to each its least, and of what is left as much as each wants of it.
fn share_out(needs: &[(f32, f32)], room: f32) -> Vec<f32> {
    let least: f32 = needs.iter().map(|need| need.0).sum();
    let most: f32 = needs.iter().map(|need| need.1).sum();
    if least >= room {
        return needs.iter().map(|need| need.0 * room / least.max(1.0)).collect();
    }
    if most <= room {
        return needs.iter().map(|need| need.1 + (room - most) * need.1 / most.max(1.0)).collect();
    }
    // A column that has ten times as much to say is not ten times as wide: it has more lines.
    let wants: Vec<f32> = needs.iter().map(|need| (need.1 - need.0).max(0.0).sqrt()).collect();
    let all: f32 = wants.iter().sum::<f32>().max(1.0);
    let mut widths: Vec<f32> =
        needs.iter().zip(&wants).map(|(need, want)| (need.0 + (room - least) * want / all).min(need.1)).collect();
    // What some columns have no need of goes to those that have.
    let left = room - widths.iter().sum::<f32>();
    let lack: Vec<f32> = needs.iter().zip(&widths).map(|(need, width)| need.1 - width).collect();
    let lacking: f32 = lack.iter().sum::<f32>().max(1.0);
    widths.iter_mut().zip(&lack).for_each(|(width, lack)| *width += left * lack / lacking);
    widths
}

/// A long row line by line: each step has the next slab of every column.
fn steps(columns: Vec<Vec<Slab>>) -> Vec<Vec<Vec<Slab>>> {
    let count = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut columns: Vec<std::vec::IntoIter<Slab>> = columns.into_iter().map(Vec::into_iter).collect();
    (0..count).map(|_| columns.iter_mut().map(|column| column.next().into_iter().collect()).collect()).collect()
}

/// The lines of a row: above it, below it, between its cells.
fn rule(slab: &mut Slab, widths: &[f32], form: Form, (above, below): (bool, bool)) {
    if form == Form::Terms {
        return;
    }
    let (whole, height): (f32, f32) = (widths.iter().sum(), slab.height);
    let mut points = Vec::new();
    if above {
        points.push([(0.0, 0.0), (whole, 0.0)]);
    }
    if below {
        points.push([(0.0, height), (whole, height)]);
    }
    if form != Form::Facts {
        let mut x = 0.0;
        points.push([(0.0, 0.0), (0.0, height)]);
        for width in widths {
            x += width;
            points.push([(x, 0.0), (x, height)]);
        }
    }
    slab.inks.push(Ink::Lines { points, line: Edge::of(LINE, 0.5), tag: None });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_what_they_need_and_fill_the_table() {
        let sum = |widths: &[f32]| widths.iter().sum::<f32>();
        for needs in [
            vec![(20.0, 30.0), (20.0, 40.0)],
            vec![(20.0, 900.0), (30.0, 60.0), (10.0, 10.0)],
            vec![(300.0, 900.0), (300.0, 600.0)],
            vec![(0.0, 0.0), (10.0, 2_000.0)],
        ] {
            let widths = share_out(&needs, 400.0);
            assert!((sum(&widths) - 400.0).abs() < 0.5, "{needs:?}: {widths:?}");
        }
        let widths = share_out(&[(20.0, 900.0), (30.0, 60.0), (10.0, 10.0)], 400.0);
        assert!(widths[0] > 250.0 && widths[1] >= 30.0 && widths[2] >= 10.0, "{widths:?}");
    }
}
