//! Judgement: what should be there against what is there. Today the gap register; it reads by questions alone and writes nothing.

pub mod gaps;
