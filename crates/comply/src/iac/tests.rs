//! What files come to.
