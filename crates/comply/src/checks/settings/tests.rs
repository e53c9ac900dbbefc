//! What checks of settings say.
